import { describe, expect, test } from 'vitest';
import { help, parseOptions } from './options.ts';
import { PROFILE_NAMES, PROFILES } from './profiles.ts';

describe('options', () => {
  test('without any the default profile is run, on a server of its own', () => {
    expect(parseOptions([])).toMatchObject({
      profile: 'default',
      url: undefined,
      viewers: 500,
      rate: 500,
      slow: 5,
      churn: 20,
      storms: 1,
      acks: true,
      workers: 1,
      thresholds: { p99Ms: 500, lost: 0, repeated: 0, errorPercent: 1, resumeS: 15, herd: 2 },
    });
  });

  test('an option changes its part of a profile and no other', () => {
    const { says: _says, ...churn } = PROFILES.churn100k;
    const args = ['--profile', 'churn100k', '--viewers', '7', '--stage', 'hold=5s', '--no-acks', '--max-p99=80'];
    expect(parseOptions(args)).toMatchObject({
      ...churn,
      viewers: 7,
      stages: { ...churn.stages, hold: 5000 },
      acks: false,
      thresholds: { p99Ms: 80 },
    });
  });

  test.each([
    [['--viewers', 'many'], /^--viewers: .*got "many"$/],
    [['--viewers', '-1'], /viewers/],
    [['--workers', '0'], /^--workers: /],
    [['--profile', 'huge'], /^--profile: .*got "huge"$/],
    [['--url', 'localhost:3000'], /^--url: expected such as http/],
    [['--url', 'http://127.0.0.1:3000', '--keep'], /^--keep is for/],
    [['--filters', '99'], /^--filters: /],
    [['--wheels', '4'], /--wheels.*--help/],
    [['surprise'], /surprise.*--help/],
    [['--stage', 'hold'], /^--stage: /],
  ])('%j is refused with a sentence', (args, sentence) => {
    expect(() => parseOptions(args)).toThrow(sentence);
  });

  test('help names every profile and wins over everything', () => {
    expect(parseOptions(['--help', '--viewers', '3'])).toBe('help');
    for (const name of PROFILE_NAMES) expect(help()).toContain(`  ${name} `);
    expect(help()).toContain('--max-herd');
  });
});

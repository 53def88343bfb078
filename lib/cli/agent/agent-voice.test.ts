import { expect, test } from 'vitest';
import { AgentVoice } from './agent-voice.ts';

function voice() {
  const said: string[] = [];
  const clock = { ms: 0 };
  return {
    said,
    clock,
    voice: new AgentVoice(
      'http://host',
      (sentence) => said.push(sentence),
      () => clock.ms,
    ),
  };
}

test('one outage is told once, and its end with how long it took', () => {
  const { said, clock, voice: it } = voice();
  it.well();
  it.failing('away');
  it.failing('still away');
  clock.ms = 3_440;
  it.well();
  it.well();
  expect(said).toEqual([
    '-- http://host takes nothing: away; trying again',
    '-- http://host takes events again, after 3.4 s',
  ]);
});

test('of many refused events a few are spelled out in a while, and the others counted', () => {
  const { said, clock, voice: it } = voice();
  const errors = Array.from({ length: 20 }, (_, index) => ({ error: `bad ${index}` }));
  it.refused('a.log', 500, errors);
  it.refused('a.log', 1, errors);
  expect(said).toEqual(Array.from({ length: 5 }, (_, index) => `-- a.log: an event was refused: bad ${index}`));
  clock.ms = 10_000;
  it.refused('a.log', 1, errors.slice(0, 1));
  expect(said.slice(5)).toEqual(['-- 496 more events were refused', '-- a.log: an event was refused: bad 0']);
  it.tellUntold();
  expect(said).toHaveLength(7);
});

test('nothing that a server or a file says acts on the terminal', () => {
  const { said, voice: it } = voice();
  it.failing('\u001b]0;owned\u0007');
  expect(said[0]).toContain('\u241b]0;owned\u2407');
});

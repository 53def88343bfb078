import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';

test('an object that holds what opens a door is logged without it, however deep', () => {
  const lines: string[] = [];
  const write = process.stdout.write;
  process.stdout.write = () => true;
  try {
    const log = createLogger('info', { write: (line) => void lines.push(line) });
    const headers = { authorization: 'Bearer s3cret', cookie: 'tailrace-session=s3cret', host: 'localhost' };
    const config = { access: { forwardSharedKey: 's3cret', oidc: { clientSecret: 's3cret' } } };
    log.info({ token: 's3cret', headers, req: { headers }, login: { password: 's3cret' }, config }, 'a request');
    const answer = { 'set-cookie': ['tailrace-session=s3cret'], 'x-api-key': 's3cret' };
    log.info(
      { res: { headers: answer }, provider: { clientSecret: 's3cret' }, shown: { once: 's3cret' } },
      'an answer',
    );
  } finally {
    process.stdout.write = write;
  }
  expect(lines.join('')).toContain('localhost');
  expect(lines.join('')).not.toContain('s3cret');
});

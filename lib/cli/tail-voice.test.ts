import { expect, test } from 'vitest';
import { TailVoice } from './tail-voice.ts';

function voice() {
  const said: string[] = [];
  return { said, voice: new TailVoice('http://host', (sentence) => said.push(sentence)) };
}

test('one outage is told once, and so is its end with what it cost', () => {
  const { said, voice: it } = voice();
  it.live('sse', { type: 'live', lost: 0 });
  it.lost('the server ended the stream');
  it.lost('the server cannot be reached');
  it.live('ws', { type: 'live', downMs: 3_440, lost: 0 });
  it.lost('the server cannot be reached');
  it.live('ws', { type: 'live', downMs: 100, lost: 1_234 });
  expect(said).toEqual([
    '-- following http://host (sse)',
    '-- connection lost: the server ended the stream; trying again',
    '-- connection restored after 3.4 s (ws); nothing lost',
    '-- connection lost: the server cannot be reached; trying again',
    '-- connection restored after 0.1 s (ws); 1,234 events lost',
  ]);
});

test('the routine ends of a healthy stream are not worth a word', () => {
  const { said, voice: it } = voice();
  it.live('sse', { type: 'live', lost: 0 });
  it.lost('the stream has reached its greatest age');
  it.live('sse', { type: 'live', downMs: 20, lost: 0 });
  expect(said).toEqual(['-- following http://host (sse)']);
});

test('gaps and new journals are told with their reason, and nothing in it acts on the terminal', () => {
  const { said, voice: it } = voice();
  const gap = { from: 'E.1', to: 'E.3', missed: 1, reason: 'retention' } as const;
  it.gap({ type: 'gap', gap });
  it.gap({ type: 'reset', gap: { ...gap, missed: 2, reason: 'epoch' } });
  it.gap({ type: 'gap', gap: { ...gap, missed: 0, reason: 'new \u001b[2J reason' as 'epoch' } });
  expect(said).toEqual([
    '-- gap: 1 event missing: their retention was over',
    '-- a new journal begins here: the journal began anew; 2 events missing',
    '-- gap: 0 events missing: new \u241b[2J reason',
  ]);
});

import { describe, expect, test } from 'vitest';
import { FAULT_NAMES, faultSchema } from '@/lib/wire/chaos.ts';
import { defaultOf, FAULT_FORMS, faultOf, faultSentence, takes } from './fault-forms.ts';

const typed = (fields: Record<string, string>) => new Map(Object.entries(fields));

describe('A fault that is filled in', () => {
  test.each(FAULT_NAMES)('%s as it stands at first is one that the contract allows, with its defaults', (name) => {
    const fields = FAULT_FORMS[name].fields.map((field) => [field.key, String(defaultOf(name, field))]);
    const fault = faultOf(name, typed({ ...Object.fromEntries(fields), ...(name === 'history' && { mode: 'down' }) }));
    expect(fault).toEqual(faultSchema.parse({ fault: name, mode: 'down' }));
  });

  test('a share is typed as percent and sent as a part of one', () => {
    expect(faultOf('cut', typed({ share: '25' }))).toEqual({ fault: 'cut', share: 0.25 });
  });

  test('what the contract does not allow is no fault', () => {
    expect(faultOf('cut', typed({ share: '101' }))).toBeUndefined();
    expect(faultOf('cut', typed({ share: '' }))).toBeUndefined();
    expect(faultOf('history', typed({ mode: 'explode' }))).toBeUndefined();
  });

  test('the bounds of each field are those of the contract', () => {
    for (const name of FAULT_NAMES) {
      for (const { key, min, max } of FAULT_FORMS[name].fields) {
        const mode = name === 'history' ? { mode: 'slow' } : {};
        for (const allowed of [min, max]) expect(faultOf(name, typed({ [key]: `${allowed}`, ...mode }))).toBeDefined();
        for (const beyond of [min < 1 ? 0 : -1, max * 1.01]) {
          expect(faultOf(name, typed({ [key]: `${beyond}`, ...mode })), `${name} ${key} ${beyond}`).toBeUndefined();
        }
      }
    }
  });

  test('only a slow history takes a delay, and a killed one takes nothing', () => {
    const taken = (mode: 'down' | 'slow' | 'kill') =>
      FAULT_FORMS.history.fields.filter((field) => takes(field, 'history', mode)).map(({ key }) => key);
    expect([taken('down'), taken('slow'), taken('kill')]).toEqual([['seconds'], ['delayMs', 'seconds'], []]);
  });

  test('is told as a sentence', () => {
    expect(faultSentence(faultSchema.parse({ fault: 'delay', share: 0.5 }))).toBe(
      'frames to 50 % of the connections held back 1.0 s',
    );
    expect(faultSentence(faultSchema.parse({ fault: 'history', mode: 'down' }))).toBe('history down');
  });
});

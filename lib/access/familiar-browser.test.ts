import { expect, test } from 'vitest';
import { familiarName, markOf } from './familiar-browser.ts';

const ada = { password: '$scrypt$ln=15,r=8,p=3$c2FsdA$a2V5' };
const eve = { password: '$scrypt$ln=15,r=8,p=3$c2FsdA$a2V6' };

test('a browser is known by its mark, to the account that gave it and with that password only', () => {
  const mark = markOf(ada);
  expect(familiarName(mark, ada)).toBe(mark.split('.')[0]);
  expect(familiarName(mark, eve)).toBeUndefined();
  expect(familiarName(markOf(eve), ada)).toBeUndefined();
});

test('each mark has a name of its own, and none can be made up', () => {
  const [mark, other] = [markOf(ada), markOf(ada)];
  expect(mark).not.toBe(other);
  const [name = '', proof = ''] = mark.split('.');
  const [otherName] = other.split('.');
  for (const forged of [undefined, '', '.', 'x', name, `${name}.`, `${otherName}.${proof}`, `${mark}x`]) {
    expect(familiarName(forged, ada), forged).toBeUndefined();
  }
});

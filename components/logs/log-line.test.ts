import { describe, expect, test } from 'vitest';
import { attributePreview, firstLine } from './log-line.ts';

function textOf(message: string): string {
  return firstLine(message)
    .runs.map(({ text }) => text)
    .join('');
}

describe('firstLine', () => {
  test('shows the first line of a stack trace and counts the rest', () => {
    expect(firstLine('Error: no\n  at a\n  at b\n')).toEqual({
      runs: [{ text: 'Error: no', className: '' }],
      moreLines: 2,
    });
  });

  test('skips leading blank lines and keeps colours', () => {
    const runs = [
      { text: 'is ', className: '' },
      { text: 'ready', className: 'text-good' },
    ];
    expect(firstLine('\n\nis \u001b[32mready\u001b[0m\n\u001b[31mno\u001b[0m')).toEqual({ runs, moreLines: 1 });
  });

  test('keeps the indentation of a stack trace that was sent line by line', () => {
    expect(textOf('    at run (a.js:1)')).toBe('    at run (a.js:1)');
  });

  test('a huge line costs no more than a screen can show', () => {
    expect(textOf('x'.repeat(256 * 1024))).toHaveLength(500);
  });
});

describe('attributePreview', () => {
  test('writes pairs, and nested values as JSON', () => {
    expect(attributePreview({ status: 500, path: '/a', tags: ['x'] })).toBe('status=500  path=/a  tags=["x"]');
  });

  test('stays on one line and within its bound', () => {
    expect(attributePreview({ stack: 'a\n  b' })).toBe('stack=a b');
    const many = Object.fromEntries(Array.from({ length: 128 }, (_, index) => [`key${index}`, 'v'.repeat(200)]));
    expect(attributePreview(many).length).toBeLessThanOrEqual(241);
  });

  test('is empty without attributes', () => {
    expect(attributePreview(undefined)).toBe('');
  });
});

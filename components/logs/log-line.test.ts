import { describe, expect, test } from 'vitest';
import { attributePreview, firstLine } from './log-line.ts';

describe('firstLine', () => {
  test('shows the first line of a stack trace and counts the rest', () => {
    expect(firstLine('Error: no\n  at a\n  at b\n')).toEqual({ text: 'Error: no', moreLines: 2 });
  });

  test('skips leading blank lines and colours', () => {
    expect(firstLine('\n\n\u001b[32mready\u001b[0m')).toEqual({ text: 'ready', moreLines: 0 });
  });

  test('keeps the indentation of a stack trace that was sent line by line', () => {
    expect(firstLine('    at run (a.js:1)').text).toBe('    at run (a.js:1)');
  });

  test('a huge line costs no more than a screen can show', () => {
    expect(firstLine('x'.repeat(256 * 1024)).text).toHaveLength(500);
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

import { expect, test } from 'vitest';
import { DrawQueue } from './draw-queue.ts';

function setUp() {
  const frames: (() => void)[] = [];
  const drawn: string[] = [];
  const queue = new DrawQueue((callback) => frames.push(callback));
  const add = (name: string) => queue.add(() => drawn.push(name));
  const frame = () => frames.shift()?.();
  return { frames, drawn, add, frame };
}

test('one drawing a frame, in the order of asking', () => {
  const { drawn, add, frame } = setUp();
  add('a');
  add('b');
  frame();
  expect(drawn).toEqual(['a']);
  frame();
  expect(drawn).toEqual(['a', 'b']);
});

test('a drawing that was taken back costs no frame of its own', () => {
  const { drawn, add, frame } = setUp();
  add('a');
  const takeBack = add('b');
  add('c');
  takeBack();
  frame();
  frame();
  expect(drawn).toEqual(['a', 'c']);
});

test('with nothing to draw no frame is asked for', () => {
  const { frames, add, frame } = setUp();
  const takeBack = add('a');
  takeBack();
  frame();
  expect(frames).toEqual([]);
});

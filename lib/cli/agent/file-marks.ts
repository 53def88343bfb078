import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';

const HEAD_BYTES_MAX = 1024;
const BEFORE_BYTES_MAX = 256;

const markSchema = z.object({ bytes: z.number().int().nonnegative(), digest: z.string() });
export const marksSchema = z.object({ head: markSchema, before: markSchema });

/**
 * What a file is recognised by beside its inode, which another file may have tomorrow: its first bytes, and those before the
 * place up to which it has been read. A file that was emptied and written anew has others, unless it repeats itself.
 */
export type FileMarks = z.infer<typeof marksSchema>;

const NONE = { bytes: 0, digest: '' };
export const NO_MARKS: FileMarks = { head: NONE, before: NONE };

/** @param last marks of the same file, taken earlier: a head that is complete stays as it is */
export async function takeMarks(file: FileHandle, offset: number, last: FileMarks): Promise<FileMarks> {
  const head = last.head.bytes === HEAD_BYTES_MAX ? last.head : await markOf(file, 0, HEAD_BYTES_MAX);
  const bytes = Math.min(offset, BEFORE_BYTES_MAX);
  return { head, before: await markOf(file, offset - bytes, bytes) };
}

/** Whether the file can be the one whose marks these are, read up to `offset`. */
export async function hasMarks(file: FileHandle, offset: number, { head, before }: FileMarks): Promise<boolean> {
  if ((await markOf(file, 0, head.bytes)).digest !== head.digest) return false;
  return (await markOf(file, offset - before.bytes, before.bytes)).digest === before.digest;
}

async function markOf(file: FileHandle, position: number, bytes: number): Promise<FileMarks['head']> {
  if (bytes === 0) return NONE;
  const { bytesRead, buffer } = await file.read(Buffer.alloc(bytes), 0, bytes, position);
  if (bytesRead === 0) return NONE;
  const digest = createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex').slice(0, 16);
  return { bytes: bytesRead, digest };
}

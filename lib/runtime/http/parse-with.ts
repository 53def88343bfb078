import { z } from 'zod';
import { AppError } from '@/lib/core/errors.ts';

/** What a schema makes of an input. Throws bad-request with the first thing that is wrong. */
export function parseWith<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [problem] = parsed.error.issues;
  const says = problem?.message ?? z.prettifyError(parsed.error);
  throw new AppError('bad-request', `${problem?.path.join('.') || 'body'}: ${says}`);
}

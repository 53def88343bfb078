import { z } from 'zod';
import { serverUrl } from '@/lib/client/node/server-url.ts';

export const wholeNumber = (max: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, `expected a whole number up to ${max}`)
    .transform(Number)
    .refine((value) => value <= max, `expected a whole number up to ${max}`);

/** What every command that talks to a server can be told. */
export const serverOptions = {
  url: z
    .string()
    .default('http://127.0.0.1:3000')
    .transform((text, context) => {
      const url = serverUrl(text);
      if (url === undefined) context.addIssue('expected an address such as http://127.0.0.1:3000');
      return url ?? '';
    }),
  // What a header can carry (RFC 9110 §11.2): fetch would refuse anything else with a sentence that shows it.
  token: z
    .string()
    .regex(/^[A-Za-z0-9._~+/=-]+$/, 'expected a token without spaces')
    .optional(),
  wait: wholeNumber(86_400).optional(),
};

export type Wrong = { readonly kind: 'wrong'; readonly problem: string };

/** The sentence for who typed it, from what parseArgs threw. */
export function wrongArguments(error: unknown): Wrong {
  // parseArgs adds a hint about positional arguments that begin with a dash.
  const says = error instanceof Error ? error.message.replace(/\. (To specify|To use).*$/s, '') : 'not understood';
  return { kind: 'wrong', problem: says };
}

export function wrongOption({ issues: [issue] }: z.ZodError): Wrong {
  return { kind: 'wrong', problem: `--${String(issue?.path[0])}: ${issue?.message}` };
}

import { Readable } from 'node:stream';
import { AppError } from '@/lib/core/errors.ts';
import type { Principal } from '@/lib/core/principal.ts';
import type { Diagnostics } from '../monitor/diagnostics.ts';
import { type Noted, noteAct } from './respond.ts';

type Diagnosed = Noted & {
  readonly config: { readonly admin: { readonly diagnostics: boolean } };
  readonly monitor: { readonly diagnostics: Diagnostics };
};

const SECONDS_DEFAULT = 10;
const SECONDS_MAX = 60;

/** `POST /api/diagnostics/heap-snapshot`. */
export async function postHeapSnapshot(runtime: Diagnosed, request: Request, principal: Principal): Promise<Response> {
  const snapshot = admit(runtime).heapSnapshot(request.signal);
  noteAct(runtime, request, principal, 'diagnostics', 'heap snapshot');
  return download(Readable.toWeb(snapshot) as ReadableStream<Uint8Array>, 'heapsnapshot');
}

/** `POST /api/diagnostics/cpu-profile?seconds=10`: answers when they have passed. */
export async function postCpuProfile(runtime: Diagnosed, request: Request, principal: Principal): Promise<Response> {
  const diagnostics = admit(runtime);
  const given = new URL(request.url).searchParams.get('seconds');
  const seconds = given === null ? SECONDS_DEFAULT : Number(given);
  if (!(Number.isInteger(seconds) && seconds >= 1 && seconds <= SECONDS_MAX)) {
    const got = JSON.stringify(given?.slice(0, 20));
    throw new AppError('bad-request', `seconds: expected a whole number from 1 to ${SECONDS_MAX}, got ${got}`);
  }
  noteAct(runtime, request, principal, 'diagnostics', `CPU profile, ${seconds} s`);
  return download(await diagnostics.cpuProfile(seconds, request.signal), 'cpuprofile');
}

function admit(runtime: Diagnosed): Diagnostics {
  if (!runtime.config.admin.diagnostics) {
    throw new AppError('not-found', 'diagnostics are off; start the server with TAILRACE_DIAGNOSTICS=1 to allow them');
  }
  return runtime.monitor.diagnostics;
}

function download(body: string | ReadableStream<Uint8Array>, extension: string): Response {
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-');
  return new Response(body, {
    headers: {
      'Content-Type': 'application/json',
      'Content-Disposition': `attachment; filename="tailrace-${process.pid}-${time}.${extension}"`,
      'Cache-Control': 'no-store',
    },
  });
}

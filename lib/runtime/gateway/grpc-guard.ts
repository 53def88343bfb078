import {
  type Metadata,
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  ServerListenerBuilder,
  status,
} from '@grpc/grpc-js';
import { isAppError } from '@/lib/core/errors.ts';
import type { Runtime } from '../create-runtime.ts';
import { enterFromSocket } from '../http/stream-endpoint.ts';
import { Reception, type ReceptionContext } from '../reception.ts';
import { askedByCall, explainStatus } from './grpc-asked.ts';
import { OTLP_SERVICES } from './grpc-otlp.ts';

/** What is asked of the runtime here. */
export type GuardContext = ReceptionContext & Pick<Runtime, 'onError'>;

type Wanted = { readonly need: 'send' | 'view'; readonly protocol: string };

const READS: Wanted = { need: 'view', protocol: 'grpc' };
const SENDS: Wanted = { need: 'send', protocol: 'grpc' };
const WANTED: ReadonlyMap<string, Wanted> = new Map([
  ['/tailrace.v1.Tailrace/Subscribe', READS],
  ['/tailrace.v1.Tailrace/Query', READS],
  ['/tailrace.v1.Tailrace/Publish', SENDS],
  ['/tailrace.v1.Tailrace/PublishBatch', SENDS],
  ...OTLP_SERVICES.map((service) => [`/${service}/Export`, { need: 'send', protocol: 'otlp-grpc' }] as const),
]);

/** Calls for health and reflection, which anybody may make, whose message has not come: how many, and for how long. */
const STRANGERS_MAX = 64;
const MESSAGE_MS_MAX = 5000;

/**
 * Stands before every call, as grpc-js reads a message whole before anybody is asked: 4 MiB of each of a thousand calls on one
 * connection. Nothing is read of whoever may not come in, and of strangers no more than a bounded number of messages.
 */
export function guardCalls(runtime: GuardContext): ServerInterceptor {
  let strangers = 0;

  function letStranger(call: ServerInterceptingCallInterface): (() => void) | undefined {
    if (strangers >= STRANGERS_MAX) {
      call.sendStatus({ code: status.RESOURCE_EXHAUSTED, details: 'too many calls whose message has not come' });
      return undefined;
    }
    strangers += 1;
    const late = { code: status.DEADLINE_EXCEEDED, details: `no message came within ${MESSAGE_MS_MAX / 1000} s` };
    const timer = setTimeout(() => call.sendStatus(late), MESSAGE_MS_MAX).unref();
    let isWaiting = true;
    return () => {
      if (!isWaiting) return;
      isWaiting = false;
      strangers -= 1;
      clearTimeout(timer);
    };
  }

  return ({ path }, call) => {
    const wanted = WANTED.get(path);
    let settle: (() => void) | undefined;
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, pass) => {
        if (wanted) {
          void admit(runtime, call, metadata, wanted).then((isAdmitted) => isAdmitted && pass(metadata));
          return;
        }
        settle = letStranger(call);
        if (settle) pass(metadata);
      })
      .withOnReceiveMessage((message, pass) => {
        settle?.();
        pass(message);
      })
      // However a call ends.
      .withOnCancel(() => settle?.())
      .build();
    return new ServerInterceptingCall(call, new ResponderBuilder().withStart((next) => next(listener)).build());
  };
}

/** Never rejects. */
async function admit(
  runtime: GuardContext,
  call: ServerInterceptingCallInterface,
  metadata: Metadata,
  { need, protocol }: Wanted,
): Promise<boolean> {
  const asked = askedByCall({ metadata, getPeer: () => call.getPeer() });
  try {
    await enterFromSocket(runtime, need, asked);
    return true;
  } catch (error) {
    if (need === 'send' && isAppError(error)) {
      const reception = new Reception(runtime, { ...asked, protocol, who: error });
      reception.fail(error);
      reception.close();
    }
    call.sendStatus(explainStatus(runtime, error));
    return false;
  }
}

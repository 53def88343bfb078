import { expect, test } from 'vitest';
import { AppError } from '@/lib/core/errors.ts';
import { ResourceLedger } from '@/lib/core/ledger.ts';
import type { EventSink } from '@/lib/ingest/named-appends.ts';
import { Cancellation } from '@/lib/stream/cancellation.ts';
import { PatientSink } from './patient-sink.ts';

const PLACED = { firstSeq: 1, lastSeq: 1 };

function opened(failures: readonly AppError[]) {
  const left = [...failures];
  let calls = 0;
  const sink: EventSink = {
    append: async () => {
      calls += 1;
      const failure = left.shift();
      if (failure) throw failure;
      return PLACED;
    },
  };
  const ledger = new ResourceLedger(Date.now);
  const cancellation = new Cancellation();
  const patient = new PatientSink(sink, ledger.owner('test'), cancellation);
  return { patient, ledger, cancellation, calls: () => calls };
}

test('an append is tried again while the store is away or behind, and then stored', async () => {
  const { patient, calls, ledger } = opened([
    new AppError('storage-unavailable', 'away'),
    new AppError('storage-overloaded', 'behind'),
  ]);
  expect(await patient.append([])).toEqual(PLACED);
  expect([calls(), ledger.heldTotal]).toEqual([3, 0]);
});

test('what waiting does not mend fails at once', async () => {
  const { patient, calls } = opened([new AppError('idempotency-mismatch', 'other events')]);
  await expect(patient.append([])).rejects.toMatchObject({ code: 'idempotency-mismatch' });
  expect(calls()).toBe(1);
});

test('cancelled, it is tried once more and then given up, and no timer is left', async () => {
  const failures = Array.from({ length: 10 }, () => new AppError('storage-unavailable', 'away'));
  const { patient, calls, cancellation, ledger } = opened(failures);
  const appended = patient.append([]);
  setTimeout(() => cancellation.cancel(), 10);
  await expect(appended).rejects.toMatchObject({ code: 'storage-unavailable' });
  expect([calls(), ledger.heldTotal]).toEqual([2, 0]);
});

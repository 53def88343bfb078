import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { CLOSE_REASONS, type CloseReason } from '@/lib/core/close-reason.ts';
import { AppError, ERROR_STATUS, type ErrorCode } from '@/lib/core/errors.ts';
import { STATUS_OF_CLOSE, STATUS_OF_ERROR, statusOfClose, statusOfError, statusOfRefusal } from './grpc-status.ts';

describe('errors', () => {
  test.each(Object.entries(ERROR_STATUS) as [ErrorCode, number][])(
    '%s is a fault of the same side as over HTTP',
    (code, http) => {
      const ours: status[] = [status.INTERNAL, status.UNAVAILABLE, status.RESOURCE_EXHAUSTED];
      expect(STATUS_OF_ERROR[code]).not.toBe(status.OK);
      if (http >= 500) expect(ours).toContain(STATUS_OF_ERROR[code]);
      else expect([status.INTERNAL, status.UNAVAILABLE]).not.toContain(STATUS_OF_ERROR[code]);
    },
  );

  test('the sentence, the code and the delay are told', () => {
    const told = statusOfError(new AppError('rate-limited', 'too much', { retryAfterS: 2 }));
    expect(told).toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: 'too much' });
    const map = { 'tailrace-code': 'rate-limited', 'retry-after-ms': '2000', 'grpc-retry-pushback-ms': '2000' };
    expect(told.metadata.getMap()).toEqual(map);
  });

  test('without a delay none is told', () => {
    expect(statusOfError(new AppError('bad-request', 'x')).metadata.getMap()).toEqual({
      'tailrace-code': 'bad-request',
    });
  });

  test('a refusal tells when to ask again, in whole milliseconds', () => {
    const told = statusOfRefusal({ code: 'shutting-down', says: 'the server is shutting down', retryMs: 12.6 });
    expect(told.code).toBe(status.UNAVAILABLE);
    expect(told.metadata.get('retry-after-ms')).toEqual(['13']);
  });
});

describe('ends', () => {
  const reasons = Object.keys(CLOSE_REASONS) as CloseReason[];
  const bye = { code: 2000, reason: 'x', reconnect: true, retryMs: 700 };

  test.each(reasons.filter((reason) => CLOSE_REASONS[reason].side === 'server'))('%s is not a success', (reason) => {
    expect(STATUS_OF_CLOSE[reason]).not.toBe(status.OK);
    const { code, says, reconnect } = CLOSE_REASONS[reason];
    const told = statusOfClose(reason, bye);
    expect(told.details).toBe(says);
    expect(told.metadata.getMap()).toMatchObject({
      'tailrace-reason': reason,
      'tailrace-reason-code': String(code),
      'tailrace-reconnect': String(reconnect),
      // Below 0 means: do not come back (gRFC A6).
      'grpc-retry-pushback-ms': reconnect ? '700' : '-1',
    });
  });

  test('without a goodbye no delay is invented', () => {
    expect(statusOfClose('draining', undefined).metadata.get('retry-after-ms')).toEqual([]);
  });
});

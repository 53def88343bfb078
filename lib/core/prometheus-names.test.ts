import { describe, expect, test } from 'vitest';
import { describeSample, familyName } from './prometheus-names.ts';

describe('A sample of Prometheus', () => {
  test('has the type and unit that its suffixes say by convention', () => {
    const known = {
      http_requests_total: { type: 'counter' },
      process_cpu_seconds_total: { type: 'counter', unit: 's' },
      http_duration_seconds_bucket: { type: 'counter', unit: '1' },
      http_duration_seconds_count: { type: 'counter', unit: '1' },
      http_duration_seconds_sum: { type: 'counter', unit: 's' },
      http_duration_seconds_created: { type: 'gauge', unit: 's' },
      node_memory_free_bytes: { type: 'gauge', unit: 'By' },
      cpu_usage_ratio: { type: 'gauge', unit: '1' },
      room_celsius: { type: 'gauge', unit: 'Cel' },
      up: { type: 'gauge' },
      seconds: { type: 'gauge', unit: 's' },
      total: { type: 'gauge' },
    };
    for (const [name, expected] of Object.entries(known)) expect(describeSample(name), name).toEqual(expected);
  });

  test('has what its family says where the two differ', () => {
    expect(describeSample('open_count', { type: 'gauge', unit: '' }).type).toBe('gauge');
    expect(describeSample('reads', { type: 'counter', unit: '' }).type).toBe('counter');
    expect(describeSample('latency', { type: 'summary', unit: 'seconds' })).toEqual({ type: 'gauge', unit: 's' });
    expect(describeSample('latency_sum', { type: 'summary', unit: 'seconds' })).toEqual({ type: 'counter', unit: 's' });
    expect(describeSample('queue_bucket', { type: 'gaugehistogram', unit: '' }).type).toBe('gauge');
    expect(describeSample('speed', { type: 'gauge', unit: 'knots' }).unit).toBe('knots');
    expect(describeSample('speed', { type: 'gauge', unit: 'x'.repeat(33) }).unit).toBeUndefined();
  });

  test('belongs to the family without the suffix', () => {
    expect(familyName('http_seconds_bucket')).toBe('http_seconds');
    expect(familyName('up')).toBe('up');
  });
});

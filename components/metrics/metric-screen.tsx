'use client';

import { Activity, TriangleAlert } from 'lucide-react';
import { useSearchParams } from 'next/navigation';
import { useEffect, useMemo, useRef } from 'react';
import { serviceColour } from '@/components/logs/service-colour.ts';
import { formatCount } from '@/components/shell/format-count.ts';
import { OtherWays } from '@/components/sources/other-ways.tsx';
import { curlSample } from '@/components/sources/own-snippets.ts';
import type { SenderPlace } from '@/components/sources/snippet-place.ts';
import { Button } from '@/components/ui/button.tsx';
import { Command } from '@/components/ui/command.tsx';
import { MultiPicker } from '@/components/ui/multi-picker.tsx';
import { Notice } from '@/components/ui/notice.tsx';
import { Segmented } from '@/components/ui/segmented.tsx';
import { useOrigin } from '@/components/ui/use-origin.ts';
import type { RangeKey } from '@/lib/client/state.ts';
import { useServices } from '@/lib/client/use-connection.ts';
import { useMetricState, useMetrics } from '@/lib/client/use-metrics.ts';
import { FILTER_SERVICES_MAX } from '@/lib/core/filter.ts';
import type { MetricPage } from '@/lib/wire/pages.ts';
import { groupSeries } from './group-series.ts';
import { addressOfMetrics, type MetricAddress, metricAddress, RANGE_KEYS } from './metric-url.ts';
import { ServiceSection } from './service-section.tsx';
import { useThrottled } from './use-throttled.ts';

/** Once for each new bucket, within these bounds: more often a chart would move by less than a pixel. */
const REDRAW_MIN_MS = 1000;
const REDRAW_MAX_MS = 5000;

type MetricScreenProps = {
  page: MetricPage;
  range: RangeKey;
  services: readonly string[];
  allServices: readonly string[];
  place: SenderPlace;
};

export function MetricScreen({ page, range, services, allServices, place }: MetricScreenProps) {
  const [address, setAddress] = useMetricAddress();
  const view = useMetrics({ page, range, services });
  const newest = useMetricState(view, (each) => each);
  const redrawMs = Math.min(REDRAW_MAX_MS, Math.max(REDRAW_MIN_MS, newest.stepMs));
  const state = useThrottled(newest, redrawMs, newest.range);
  const loading = useMetricState(view, (each) => each.loading);
  const error = useMetricState(view, (each) => each.error);
  const { series, fromMs, toMs, stepMs, omitted } = state;
  const groups = useMemo(() => groupSeries(series), [series]);
  const window = useMemo(() => ({ fromMs, toMs, stepMs }), [fromMs, toMs, stepMs]);

  // The page was made for the address it was opened with; only what changed since is asked for.
  const applied = useRef<MetricAddress>({ range, services });
  useEffect(() => {
    const before = applied.current;
    applied.current = address;
    if (before.range !== address.range) view.setRange(address.range);
    if (before.services.join('\n') !== address.services.join('\n')) view.setServices(address.services);
  }, [view, address]);

  return (
    <>
      <MetricToolbar {...{ address, setAddress, loading, allServices }} />
      <div className="relative min-h-0 flex-1 overflow-y-auto py-2" aria-busy={loading}>
        {error !== undefined && <MetricError error={error} onRetry={() => view.retry()} />}
        {groups.map((group) => (
          <ServiceSection key={group.service} group={group} window={window} />
        ))}
        {omitted > 0 && (
          <p className="px-3 pb-3 text-[12px] text-ink-soft">
            {formatCount(omitted)} more series not drawn: pick services to see them.
          </p>
        )}
        {groups.length === 0 && error === undefined && (
          <MetricEmpty
            place={place}
            narrowed={address.services.length > 0}
            onAll={() => setAddress({ ...address, services: [] })}
          />
        )}
      </div>
    </>
  );
}

/** The choices live in the address, as the log screen's do. */
function useMetricAddress(): [MetricAddress, (address: MetricAddress) => void] {
  const query = useSearchParams().toString();
  const address = useMemo(() => metricAddress(new URLSearchParams(query)), [query]);
  return [address, (next) => window.history.pushState(null, '', addressOfMetrics(next))];
}

type MetricToolbarProps = {
  address: MetricAddress;
  setAddress: (address: MetricAddress) => void;
  loading: boolean;
  allServices: readonly string[];
};

function MetricToolbar({ address, setAddress, loading, allServices }: MetricToolbarProps) {
  const seen = useServices();
  const options = useMemo(
    () => [...new Set([...allServices, ...seen, ...address.services])].sort(),
    [allServices, seen, address.services],
  );
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 border-line border-b px-2 py-1.5">
      <Segmented
        label="Time range"
        options={RANGE_KEYS}
        value={address.range}
        onChange={(range) => setAddress({ ...address, range })}
      />
      <MultiPicker
        noun="services"
        options={options}
        picked={address.services}
        pickedMax={FILTER_SERVICES_MAX}
        colourOf={serviceColour}
        onChange={(services) => setAddress({ ...address, services })}
      />
      <span role="status" className="text-[12px] text-ink-faint">
        {loading ? 'Loading…' : ''}
      </span>
    </div>
  );
}

function MetricError({ error, onRetry }: { error: string; onRetry: () => void }) {
  return (
    <div
      role="alert"
      className="mx-3 mb-3 flex items-center gap-3 rounded border border-bad bg-bad-tint px-3 py-1.5 text-[13px] text-bad"
    >
      <TriangleAlert size={14} aria-hidden className="shrink-0" />
      <span className="min-w-0 flex-1">{error}</span>
      <Button onClick={onRetry}>Try again</Button>
    </div>
  );
}

type MetricEmptyProps = { place: SenderPlace; narrowed: boolean; onAll: () => void };

function MetricEmpty({ place, narrowed, onAll }: MetricEmptyProps) {
  const origin = useOrigin(place.publicUrl);
  const actions = narrowed && (
    <Button look="accent" onClick={onAll}>
      Show all services
    </Button>
  );
  return (
    <Notice
      icon={<Activity size={32} aria-hidden />}
      title={narrowed ? 'No metric of these services in this range' : 'No metrics in this range yet'}
      actions={actions}
    >
      <p className="mb-4">Charts appear as samples arrive, from this machine or from your programs.</p>
      {!narrowed && (
        <>
          <Command title="One sample" command={curlSample({ origin, token: place.token })} />
          <OtherWays guide="prometheus">Prometheus, OpenTelemetry and more</OtherWays>
        </>
      )}
    </Notice>
  );
}

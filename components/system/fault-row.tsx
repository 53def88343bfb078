'use client';

import { type FormEvent, useState } from 'react';
import { Button } from '@/components/ui/button.tsx';
import type { Fault } from '@/lib/wire/chaos.ts';
import {
  defaultOf,
  FAULT_FORMS,
  type FaultName,
  faultOf,
  HISTORY_MODES,
  type HistoryMode,
  takes,
} from './fault-forms.ts';

const INPUT = 'h-7 rounded border border-line-strong bg-surface px-1.5 text-[13px] disabled:opacity-50';

type FaultRowProps = { name: FaultName; busy: boolean; onInject: (fault: Fault) => void };

/** One fault with its few numbers; the browser's own validation says what is out of bounds. */
export function FaultRow({ name, busy, onInject }: FaultRowProps) {
  const { title, means, button, fields } = FAULT_FORMS[name];
  const [mode, setMode] = useState<HistoryMode>('down');
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fault = faultOf(name, new FormData(event.currentTarget));
    if (fault) onInject(fault);
  };
  return (
    <form
      aria-label={title}
      onSubmit={submit}
      className="grid items-center gap-x-4 gap-y-1.5 border-line border-t px-3 py-2 text-[13px] first-of-type:border-t-0 lg:grid-cols-[minmax(0,1fr)_auto]"
    >
      <p className="min-w-0">
        <span className="font-medium">{title}.</span> <span className="text-ink-soft">{means}</span>
      </p>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 lg:justify-end">
        {name === 'history' && (
          <label className="flex items-center gap-1.5">
            <span className="text-ink-faint">Mode</span>
            <select
              name="mode"
              value={mode}
              onChange={({ target }) => setMode(HISTORY_MODES.find((each) => each === target.value) ?? 'down')}
              className={INPUT}
            >
              {HISTORY_MODES.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
        )}
        {fields.map((field) => (
          <label key={field.key} className="flex items-center gap-1.5">
            <span className="text-ink-faint">{field.label}</span>
            <input
              type="number"
              required
              name={field.key}
              min={field.min}
              max={field.max}
              step="any"
              disabled={!takes(field, name, mode)}
              defaultValue={defaultOf(name, field)}
              style={{ width: field.max > 1e6 ? 84 : 72 }}
              className={INPUT}
            />
            <span className="text-ink-faint">{field.unit}</span>
          </label>
        ))}
        <Button type="submit" disabled={busy} className="min-w-22 max-lg:ml-auto">
          {button}
        </Button>
      </div>
    </form>
  );
}

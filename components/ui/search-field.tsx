'use client';

import { Search, X } from 'lucide-react';
import { type Ref, useCallback, useEffect, useRef, useState } from 'react';

const SETTLED_MS = 250;

type SearchFieldProps = {
  ref: Ref<HTMLInputElement>;
  value: string;
  /** What is searched: its name, and the placeholder with the key that leads here. */
  label: string;
  placeholder: string;
  charsMax: number;
  className?: string;
  onChange: (value: string) => void;
};

/** Reports what was typed once the typing rests, or at once on Enter. */
export function SearchField({ ref, value, label, placeholder, charsMax, className = '', onChange }: SearchFieldProps) {
  const [typed, setTyped] = useState(value);
  const reported = useRef(value);

  useEffect(() => {
    // Changed from outside (back button, cleared filters), not by this field.
    if (value === reported.current) return;
    reported.current = value;
    setTyped(value);
  }, [value]);

  const report = useCallback(
    (text: string) => {
      if (text === reported.current) return;
      reported.current = text;
      onChange(text);
    },
    [onChange],
  );
  const newestReport = useRef(report);
  newestReport.current = report;
  useEffect(() => {
    // Through the ref: a render in between must not start the wait again.
    const timer = setTimeout(() => newestReport.current(typed), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [typed]);

  return (
    <div className={`relative min-w-0 flex-1 basis-40 ${className}`}>
      <Search
        size={14}
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-2 -translate-y-1/2 text-ink-faint"
      />
      <input
        ref={ref}
        type="search"
        aria-label={label}
        placeholder={placeholder}
        value={typed}
        maxLength={charsMax}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') report(typed);
          if (event.key !== 'Escape') return;
          // Browsers empty a search field on Esc. Told at once: a change of the address some moments later would undo the
          // change of screen that the next key has begun.
          event.preventDefault();
          event.currentTarget.blur();
          setTyped('');
          report('');
        }}
        className="h-7 w-full appearance-none rounded border border-line bg-raised pr-7 pl-7 [&::-webkit-search-cancel-button]:hidden text-[13px] placeholder:text-ink-faint"
      />
      {typed !== '' && (
        <button
          type="button"
          aria-label="Clear search"
          className="absolute top-0.5 right-0.5 flex size-6 items-center justify-center rounded text-ink-faint hover:bg-hover hover:text-ink"
          onClick={() => {
            setTyped('');
            report('');
          }}
        >
          <X size={13} aria-hidden />
        </button>
      )}
    </div>
  );
}

'use client';

type FilterSelectProps = {
  /** For who cannot see what stands in it. */
  label: string;
  /** undefined: all of them. */
  value: string | undefined;
  /** What is shown where nothing is picked: "All levels". */
  all: string;
  options: readonly { readonly value: string; readonly words: string }[];
  /** @param value empty: all of them */
  onChange: (value: string) => void;
};

/** One of a few, or all: marked while it keeps something out. */
export function FilterSelect({ label, value, all, options, onChange }: FilterSelectProps) {
  return (
    <label>
      <span className="sr-only">{label}</span>
      <select
        value={value ?? ''}
        onChange={(event) => onChange(event.target.value)}
        className={`h-7 rounded border bg-raised px-1 text-[13px] hover:bg-hover ${value ? 'border-accent' : 'border-line'}`}
      >
        <option value="">{all}</option>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.words}
          </option>
        ))}
      </select>
    </label>
  );
}

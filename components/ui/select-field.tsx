'use client';

type SelectFieldProps<Value extends string> = {
  label: string;
  value: Value;
  /** Value to words, in the order of the object: numbers come first. */
  options: Readonly<Record<Value, string>>;
  onChange: (value: Value) => void;
};

/** A labelled choice of one. */
export function SelectField<Value extends string>({ label, value, options, onChange }: SelectFieldProps<Value>) {
  return (
    <label className="flex min-w-0 flex-col gap-1 text-[13px]">
      <span className="text-ink-soft">{label}</span>
      <select
        value={value}
        onChange={(event) => onChange(event.target.value as Value)}
        className="h-8 w-full rounded border border-line-strong bg-surface px-2 text-[13px] text-ink"
      >
        {(Object.entries(options) as [Value, string][]).map(([each, words]) => (
          <option key={each} value={each}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

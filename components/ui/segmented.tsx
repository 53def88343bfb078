'use client';

type SegmentedProps<Value extends string> = {
  label: string;
  value: Value;
  options: readonly Value[];
  /** What is shown for an option; by default it is its own word. */
  words?: Readonly<Record<Value, string>>;
  onChange: (value: Value) => void;
};

/** One of a few: a radio group that looks like one control. The arrow keys come from the native radio buttons. */
export function Segmented<Value extends string>({ label, value, options, words, onChange }: SegmentedProps<Value>) {
  return (
    <fieldset className="inline-flex h-7 shrink-0 overflow-hidden rounded border border-line bg-raised text-[13px]">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label
          key={option}
          className="flex cursor-pointer items-center whitespace-nowrap border-line border-l px-2 text-ink-soft first-of-type:border-l-0 hover:bg-hover has-checked:bg-selected has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-accent"
        >
          <input
            type="radio"
            className="sr-only"
            name={label}
            value={option}
            checked={option === value}
            onChange={() => onChange(option)}
          />
          {words ? words[option] : option}
        </label>
      ))}
    </fieldset>
  );
}

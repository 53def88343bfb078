import { type ComponentProps, useId } from 'react';

type TextFieldProps = ComponentProps<'input'> & { label: string; hint?: string };

/** A labelled field of a form. */
export function TextField({ label, hint, className = '', ...rest }: TextFieldProps) {
  const hintId = useId();
  return (
    <label className={`flex min-w-0 flex-col gap-1 text-[13px] ${className}`}>
      <span className="text-ink-soft">{label}</span>
      <input
        type="text"
        aria-describedby={hint ? hintId : undefined}
        className="h-8 w-full rounded border border-line-strong bg-surface px-2 text-[13px] text-ink"
        {...rest}
      />
      {hint && (
        <span id={hintId} className="text-[12px] text-ink-faint">
          {hint}
        </span>
      )}
    </label>
  );
}

import { type ComponentProps, useId } from 'react';

type TextFieldProps = ComponentProps<'input'> & { label: string; hint?: string };

/** A labelled field of a form. */
export function TextField({ label, hint, ...rest }: TextFieldProps) {
  const id = useId();
  return (
    <div className="flex min-w-0 flex-col gap-1 text-[13px]">
      <label htmlFor={id} className="text-ink-soft">
        {label}
      </label>
      <input
        id={id}
        type="text"
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="h-8 w-full rounded border border-line-strong bg-surface px-2 text-[13px] text-ink"
        {...rest}
      />
      {hint && (
        <span id={`${id}-hint`} className="text-[12px] text-ink-faint">
          {hint}
        </span>
      )}
    </div>
  );
}

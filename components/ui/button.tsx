import type { ComponentProps } from 'react';

const LOOKS = {
  plain: 'border-line bg-raised hover:bg-hover',
  quiet: 'border-transparent hover:bg-hover text-ink-soft hover:text-ink',
  accent: 'border-transparent bg-accent text-accent-ink hover:brightness-110',
} as const;

type ButtonProps = ComponentProps<'button'> & { look?: keyof typeof LOOKS; square?: boolean };

export function Button({ look = 'plain', square = false, className = '', type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      className={`inline-flex h-7 shrink-0 items-center justify-center gap-1.5 rounded border text-[13px] whitespace-nowrap disabled:opacity-50 ${LOOKS[look]} ${square ? 'w-7' : 'px-2'} ${className}`}
      {...rest}
    />
  );
}

type IconButtonProps = Omit<ButtonProps, 'aria-label'> & { label: string };

/** A button without words: `label` names it for screen readers and is its tooltip. */
export function IconButton({ label, look = 'quiet', className = '', ...rest }: IconButtonProps) {
  return <Button look={look} aria-label={label} title={label} square className={className} {...rest} />;
}

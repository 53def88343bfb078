import type { ReactNode } from 'react';

type NoticeProps = { icon?: ReactNode; title: string; children?: ReactNode; actions?: ReactNode };

/** The designed form of "nothing here": why it is so, and what can be done about it. */
export function Notice({ icon, title, children, actions }: NoticeProps) {
  return (
    <div className="mx-auto flex max-w-2xl flex-col items-center gap-3 px-4 py-12 text-center">
      {icon && <div className="text-ink-faint">{icon}</div>}
      <h2 className="text-base font-semibold">{title}</h2>
      {children && <div className="w-full text-[13px] text-ink-soft">{children}</div>}
      {actions && <div className="flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  );
}

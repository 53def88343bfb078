import { CopyButton } from './copy-button.tsx';

/** A command to copy into a terminal. */
export function Command({ title, command }: { title: string; command: string }) {
  return (
    <section
      aria-label={title}
      className="mb-3 w-full overflow-hidden rounded-md border border-line bg-raised text-left"
    >
      <div className="flex items-center justify-between border-line border-b px-3 py-1">
        <h3 className="text-[12px] font-medium text-ink-soft">{title}</h3>
        <CopyButton label="Copy" text={command} />
      </div>
      <pre className="p-3 font-mono text-[12px] [overflow-wrap:anywhere] whitespace-pre-wrap text-ink">{command}</pre>
    </section>
  );
}

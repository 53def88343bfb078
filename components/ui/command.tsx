import type { ReactNode } from 'react';
import { CopyButton } from './copy-button.tsx';

type CommandProps = {
  title: string;
  command: string;
  testId?: string;
  /** What has to be known about it, below it. */
  children?: ReactNode;
};

/** Lines to copy, into a terminal or a file. */
export function Command({ title, command, testId, children }: CommandProps) {
  return (
    <section
      aria-label={title}
      data-testid={testId}
      className="mb-3 w-full overflow-hidden rounded-md border border-line bg-surface text-left"
    >
      <div className="flex items-center justify-between gap-2 border-line border-b px-3 py-1">
        <h3 className="text-[12px] font-medium text-ink-soft">{title}</h3>
        <CopyButton label="Copy" of={title} text={command} />
      </div>
      <pre className="p-3 font-mono text-[12px] [overflow-wrap:anywhere] whitespace-pre-wrap text-ink">
        {command.split('\n').map((line, index) => (
          // Hanging: a line that has no room must not look like two.
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place
          <span key={index} className="block pl-[4ch] -indent-[4ch]">
            {line}
          </span>
        ))}
      </pre>
      {children}
    </section>
  );
}

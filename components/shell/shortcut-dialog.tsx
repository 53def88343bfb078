'use client';

import { Dialog } from '@/components/ui/dialog.tsx';
import { Kbd } from '@/components/ui/kbd.tsx';

const GROUPS = [
  {
    title: 'Everywhere',
    keys: [
      [['?'], 'This list'],
      [['1'], 'Logs'],
      [['2'], 'Metrics'],
      [['3'], 'Sources'],
      [['4'], 'Connections'],
      [['5'], 'System'],
    ],
  },
  {
    title: 'Logs',
    keys: [
      [['Space'], 'Pause or follow'],
      [['End', 'G'], 'Newest, and follow'],
      [['Home', 'g'], 'Oldest loaded line'],
      [['j', '↓'], 'Next line'],
      [['k', '↑'], 'Previous line'],
      [['Enter'], 'Open the line'],
      [['Esc'], 'Close the line'],
      [['/'], 'Search'],
    ],
  },
  {
    title: 'Sources',
    keys: [
      [['j', '↓'], 'Next source'],
      [['k', '↑'], 'Previous source'],
      [['Enter'], 'Open the source'],
      [['Esc'], 'Close what is open'],
      [['a'], 'Add a source'],
      [['t'], 'Send a test line'],
      [['/'], 'Find a source'],
    ],
  },
  {
    title: 'Connections',
    keys: [
      [['j', '↓'], 'Next connection'],
      [['k', '↑'], 'Previous connection'],
      [['Enter'], 'Open the connection'],
      [['Esc'], 'Close the connection'],
      [['/'], 'Find a connection'],
    ],
  },
] as const;

export function ShortcutDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} title="Keyboard shortcuts" onClose={onClose}>
      <div className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
        {GROUPS.map(({ title, keys }) => (
          <section key={title}>
            <h3 className="mb-1 text-[12px] font-medium text-ink-faint">{title}</h3>
            <dl className="text-[13px]">
              {keys.map(([names, meaning]) => (
                <div key={meaning} className="flex h-7 items-center justify-between gap-4">
                  <dt>{meaning}</dt>
                  <dd className="flex gap-1">
                    {names.map((name) => (
                      <Kbd key={name}>{name}</Kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

import Link from 'next/link';
import { addressOfFilter } from '@/components/logs/log-url.ts';
import { serviceColour } from '@/components/logs/service-colour.ts';
import { plain } from '@/components/ui/plain-text.ts';

/** Links in the table take one line; `all` are as many as there are. */
const SHOWN = 2;

type ServiceLinksProps = { services: readonly string[]; all?: boolean };

/** The services that a sender has named, each a link to its logs. */
export function ServiceLinks({ services, all = false }: ServiceLinksProps) {
  if (services.length === 0) return <span className="text-ink-faint">–</span>;
  const shown = all ? services : services.slice(0, SHOWN);
  const more = services.length - shown.length;
  return (
    <span
      className={`flex gap-x-2 ${all ? 'flex-wrap gap-y-1' : 'overflow-hidden'}`}
      title={all ? undefined : plain(services.join('  '))}
    >
      {shown.map((service) => (
        <Link
          key={service}
          href={addressOfFilter({ kind: 'log', services: [service] })}
          prefetch={false}
          onClick={(event) => event.stopPropagation()}
          className="inline-flex min-w-0 items-center gap-1 rounded hover:underline"
        >
          <span aria-hidden className="h-3 w-1 shrink-0 rounded-sm" style={{ background: serviceColour(service) }} />
          <span className={all ? '[overflow-wrap:anywhere]' : 'truncate'}>{plain(service)}</span>
        </Link>
      ))}
      {more > 0 && <span className="shrink-0 text-[11px] leading-5 text-ink-soft">+{more}</span>}
    </span>
  );
}

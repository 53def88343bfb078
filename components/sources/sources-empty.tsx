import { Cable, SearchX } from 'lucide-react';
import { Button } from '@/components/ui/button.tsx';
import { Notice } from '@/components/ui/notice.tsx';

type SourcesEmptyProps = { onAdd: () => void; onTest: () => void };

export function SourcesEmpty({ onAdd, onTest }: SourcesEmptyProps) {
  return (
    <Notice
      icon={<Cable size={32} aria-hidden />}
      title="Nothing has been sent since the server was started"
      actions={
        <>
          <Button look="accent" onClick={onAdd}>
            Add a source
          </Button>
          <Button onClick={onTest}>Send a test line</Button>
        </>
      }
    >
      <p>
        Copy the lines for what you have: curl, a program, a file, OpenTelemetry, Loki, Prometheus, syslog and more.
        Each sender appears here with its first byte.
      </p>
    </Notice>
  );
}

export function SourcesNoMatch({ onClear }: { onClear: () => void }) {
  return (
    <Notice
      icon={<SearchX size={32} aria-hidden />}
      title="No source matches"
      actions={
        <Button look="accent" onClick={onClear}>
          Show all
        </Button>
      }
    >
      <p>One that does appears here within a second.</p>
    </Notice>
  );
}

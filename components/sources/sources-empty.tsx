import { Cable } from 'lucide-react';
import { Notice } from '@/components/ui/notice.tsx';
import { GuideButtons } from './guide-buttons.tsx';

/**
 * Nobody has sent anything: what could is one click away.
 * @param onAdd absent while the ways in are open already
 */
export function SourcesEmpty({ onAdd }: { onAdd?: ((id: string) => void) | undefined }) {
  return (
    <Notice icon={<Cable size={32} aria-hidden />} title="Nothing has been sent since the server was started">
      {onAdd ? (
        <>
          <p className="mb-4">
            What do you have? Each of these gives you the lines to copy, and tells within a second whether they work.
          </p>
          <div className="flex justify-center">
            <GuideButtons onGuide={onAdd} />
          </div>
        </>
      ) : (
        <p>Each sender appears here with its first byte.</p>
      )}
    </Notice>
  );
}

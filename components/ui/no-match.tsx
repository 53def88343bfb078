import { SearchX } from 'lucide-react';
import { Button } from './button.tsx';
import { Notice } from './notice.tsx';

type NoMatchProps = {
  /** "No line matches this filter" */
  title: string;
  /** What shows everything again: "Clear the filter". */
  action: string;
  onClear: () => void;
  /** What happens to one that does match. */
  children: string;
};

/** There is something, and a filter keeps all of it out. */
export function NoMatch({ title, action, onClear, children }: NoMatchProps) {
  return (
    <Notice
      icon={<SearchX size={32} aria-hidden />}
      title={title}
      actions={
        <Button look="accent" onClick={onClear}>
          {action}
        </Button>
      }
    >
      <p>{children}</p>
    </Notice>
  );
}

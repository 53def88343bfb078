/** A grey bar where content will stand; the surrounding region says in words that it is loading. */
export function Skeleton({ className = '' }: { className?: string }) {
  return <span aria-hidden className={`pulse-soft block rounded bg-line ${className}`} />;
}

/** Water leaving a mill: three lines that run out. */
export function Logo() {
  return (
    <svg
      aria-hidden
      viewBox="0 0 24 24"
      width={24}
      height={24}
      fill="none"
      stroke="currentColor"
      strokeWidth={2}
      strokeLinecap="round"
    >
      <path d="M3 7c3 0 3 2.5 6 2.5S12 7 15 7s3 2.5 6 2.5" />
      <path d="M3 13c3 0 3 2.5 6 2.5S12 13 15 13" opacity={0.75} />
      <path d="M3 19h6" opacity={0.5} />
    </svg>
  );
}

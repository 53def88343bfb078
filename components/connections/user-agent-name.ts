/** Browsers in the order in which their names must be looked for: each names the ones before it as well. */
const BROWSERS = [
  [/\bHeadlessChrome\/(\d+)/, 'Chrome (headless)'],
  [/\bEdgA?\/(\d+)/, 'Edge'],
  [/\bOPR\/(\d+)/, 'Opera'],
  [/\bFirefox\/(\d+)/, 'Firefox'],
  [/\bCriOS\/(\d+)/, 'Chrome'],
  [/\bFxiOS\/(\d+)/, 'Firefox'],
  [/\bChrome\/(\d+)/, 'Chrome'],
  [/\bVersion\/(\d+)[\d.]* .*Safari\//, 'Safari'],
] as const;

const CHARS_MAX = 24;

/** "Chrome 140", "curl 8", "python-requests 2": a name and its main version; the first word of anything else. */
export function userAgentName(userAgent: string): string {
  for (const [pattern, name] of BROWSERS) {
    const version = pattern.exec(userAgent)?.[1];
    if (version !== undefined) return `${name} ${version}`;
  }
  const [first = ''] = userAgent.trim().split(/\s+/, 1);
  const [name = '', version = ''] = first.split('/', 2);
  const major = /^v?(\d+)/.exec(version)?.[1];
  const text = major === undefined ? name : `${name} ${major}`;
  return text === '' ? 'not told' : text.slice(0, CHARS_MAX);
}

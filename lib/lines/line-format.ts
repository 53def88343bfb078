/** How a line was read; `text` is what no recogniser knew: its message is the line as it came. */
export type LineFormat = 'json' | 'logfmt' | 'syslog' | 'access' | 'container' | 'klog' | 'timed' | 'levelled' | 'text';

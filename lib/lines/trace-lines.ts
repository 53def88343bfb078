import { countDigits, isBlank, isDigit, isGap, skipBlanks } from './characters.ts';

/** Beginnings of lines that only go on with a trace, whatever was before them. */
const GOES_ON = [
  'Caused by: ',
  'Suppressed: ',
  'Wrapped by: ',
  'During handling of the above exception',
  'The above exception was the direct cause',
  'created by ',
  '[signal ',
  'stack backtrace:',
  'note: run with `RUST_BACKTRACE',
  '--- End of ',
  '---> ',
  'STACK TRACE:',
  'Stack trace:',
];
const BEGINNINGS = GOES_ON.map((beginning) => beginning.charAt(0)).join('');
const CARET = 0x5e;
const LINE_CHARS_MAX = 1024;

function mayGoOn(head: string): boolean {
  return BEGINNINGS.includes(head.charAt(0)) && GOES_ON.some((beginning) => head.startsWith(beginning));
}

/** What a trace has shown so far, of which its next line depends. */
export type TraceState = 'none' | 'python' | 'python-frames' | 'go' | 'caret' | 'panic' | 'frames';

/** Whether a line has the look of one within a trace. Lines that are indented are asked about elsewhere. */
export function isTraceLine(line: string, state: TraceState): boolean {
  const head = line.slice(0, LINE_CHARS_MAX);
  if (mayGoOn(head) || isMore(head) || isFrame(head)) return true;
  switch (state) {
    // What was raised comes last and is not indented.
    case 'python-frames':
      return true;
    case 'go':
      return head.trimEnd().endsWith(')') || head.startsWith('exit status ') || isRoutine(head);
    case 'caret':
      return /^(?:\w+)?(?:Error|Exception)\b/.test(head);
    case 'panic':
      return true;
    case 'frames':
      return isNumbered(head);
    default:
      return isRoutine(head);
  }
}

/** The state behind this line. */
export function nextState(line: string, state: TraceState): TraceState {
  const head = line.slice(0, LINE_CHARS_MAX);
  const isIndented = isBlank(head.charCodeAt(0));
  if (head.endsWith('Traceback (most recent call last):')) return 'python';
  if (isRoutine(head)) return 'go';
  if (isIndented && head.charCodeAt(skipBlanks(head, 0)) === CARET) return isPython(state) ? 'python-frames' : 'caret';
  if (isPython(state)) return isIndented ? 'python-frames' : 'none';
  if (state === 'go') return 'go';
  if (head.startsWith("thread '") && head.includes(' panicked at ')) return 'panic';
  if (isNumbered(head) || (head.endsWith('race:') && /stack ?trace:$/i.test(head))) return 'frames';
  return 'none';
}

function isPython(state: TraceState): boolean {
  return state === 'python' || state === 'python-frames';
}

/** Whether nothing but a trace begins like this, so that the line belongs to the message before it, if that is its head. */
export function beginsTrace(line: string): boolean {
  return line.startsWith('Traceback (most recent call last):');
}

/** Java's `... 12 more`. */
function isMore(head: string): boolean {
  return head.startsWith('... ') && isDigit(head.charCodeAt(4));
}

/** Frames that have lost their indentation: `at com.example.Foo.bar(Foo.java:12)`, `app/models/user.rb:12:in 'save'`. */
function isFrame(head: string): boolean {
  if (head.startsWith('at ')) return head.includes('(') || countDigits(head, head.lastIndexOf(':') + 1, 1) > 0;
  const place = head.indexOf('.rb:');
  // Ruby's first line has a message behind the method, and begins a text.
  return (
    place > 0 && !head.slice(0, place).includes(' ') && head.includes(':in ', place) && head.trimEnd().endsWith("'")
  );
}

/** `goroutine 12 [running]:`. */
function isRoutine(head: string): boolean {
  return head.startsWith('goroutine ') && isDigit(head.charCodeAt(10)) && head.trimEnd().endsWith(':');
}

/** PHP's and gdb's `#0 main()`. */
function isNumbered(head: string): boolean {
  return (
    head.charCodeAt(0) === 0x23 && isDigit(head.charCodeAt(1)) && isGap(head.charCodeAt(1 + countDigits(head, 1, 5)))
  );
}

/** A bracket that closes what an earlier line has opened. */
export function isCloser(line: string): boolean {
  const first = line.charAt(0);
  return (first === '}' || first === ']' || first === ')') && line.trimEnd().length <= 3;
}

/** Indented, and not blank. */
export function isIndented(line: string): boolean {
  return isBlank(line.charCodeAt(0)) && !isGap(line.charCodeAt(skipBlanks(line, 0)));
}

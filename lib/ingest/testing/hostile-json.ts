/** What a hostile sender writes where a value was expected; as JSON text, since some of it is no value of JavaScript. */
const VALUES: Readonly<Record<string, string>> = {
  null: 'null',
  'a boolean': 'true',
  'a negative number': '-1',
  'a fraction': '0.1',
  'a number beyond all others': '1e999',
  'a number below all others': '-1e999',
  'a number of many digits': '123456789012345678901234567890',
  'an empty text': '""',
  'a text of many digits': '"99999999999999999999999999"',
  'a date that does not exist': '"2026-02-30T25:61:61Z"',
  'NUL and a line end': '"a\\u0000b\\r\\nevent: x"',
  'half a surrogate pair': '"\\ud800"',
  'an empty list': '[]',
  'an empty object': '{}',
  'a list of mixed things': '[null,1,"x",{},[[]]]',
  'an object with names of Object':
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1}',
  '10,000 lists within each other': `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
  '10,000 objects within each other': `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
  'a text of 1 MiB': `"${'x'.repeat(1024 * 1024)}"`,
  'a list of 10,000': `[${'0,'.repeat(9999)}0]`,
};

const MARK = 'hostile-value-here';

/** Every JSON of a body, with each of its values in turn replaced by each hostile one, and each of its names by `__proto__`. */
export function* hostileJson(body: string): Generator<{ title: string; body: string }> {
  const parts = jsonParts(body);
  for (const [index, part] of parts.entries()) {
    const rebuilt = (text: string): string => parts.map((other, at) => (at === index ? text : other)).join('\n');
    for (const path of pathsOf(JSON.parse(part))) {
      const marked = JSON.stringify(replaced(JSON.parse(part), path, MARK));
      const where = `${index + 1}:${path.join('.') || 'all'}`;
      for (const [title, value] of Object.entries(VALUES)) {
        yield { title: `${title} at ${where}`, body: rebuilt(marked.replace(`"${MARK}"`, () => value)) };
      }
      if (typeof path.at(-1) !== 'string') continue;
      for (const name of ['__proto__', 'constructor', '']) {
        const renamed = renameLast(JSON.parse(part), path, name);
        yield { title: `the name "${name}" for ${where}`, body: rebuilt(JSON.stringify(renamed)) };
      }
    }
  }
}

/** The whole body if it is JSON, its lines if they are, none if it is something else. */
function jsonParts(body: string): string[] {
  if (isJson(body)) return [body];
  const lines = body.split('\n').filter((line) => line.trim() !== '');
  return lines.every(isJson) ? lines : [];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

type Path = readonly (string | number)[];

function* pathsOf(value: unknown, path: Path = []): Generator<Path> {
  yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield* pathsOf(inner, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}

function replaced(root: unknown, path: Path, by: unknown): unknown {
  const last = path.at(-1);
  if (last === undefined) return by;
  define(holderOf(root, path), last, by);
  return root;
}

function renameLast(root: unknown, path: Path, name: string): unknown {
  const last = path.at(-1) ?? '';
  const holder = holderOf(root, path);
  const value = holder[last];
  delete holder[last];
  define(holder, name, value);
  return root;
}

function holderOf(root: unknown, path: Path): Record<string | number, unknown> {
  return path.slice(0, -1).reduce((at, key) => (at as Record<string | number, unknown>)[key], root) as Record<
    string | number,
    unknown
  >;
}

/** Assigning to `__proto__` would change what the object is. */
function define(holder: object, name: string | number, value: unknown): void {
  Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
}

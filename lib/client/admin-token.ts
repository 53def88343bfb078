/** Kept for this tab only: a token that may end connections should not outlive the window it was typed into. */
const KEY = 'tailrace-admin-token';

type Keep = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Undefined where the browser forbids storage; then the token lives as long as the page. */
function sessionKeep(): Keep | undefined {
  try {
    return globalThis.sessionStorage;
  } catch {
    return undefined;
  }
}

let remembered: string | undefined;

export function adminToken(keep: Keep | undefined = sessionKeep()): string | undefined {
  return remembered ?? keep?.getItem(KEY) ?? undefined;
}

/** @param token '' forgets it */
export function setAdminToken(token: string, keep: Keep | undefined = sessionKeep()): void {
  remembered = token === '' ? undefined : token;
  try {
    if (token === '') keep?.removeItem(KEY);
    else keep?.setItem(KEY, token);
  } catch {
    // A full or forbidden storage: the page remembers it by itself.
  }
}

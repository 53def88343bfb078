import { AdminError } from '@/lib/client/admin-request.ts';
import { explain } from '@/lib/client/fetch-page.ts';

export type Download = { readonly blob: Blob; readonly name: string };

/**
 * Fetches a file that only an administrator may have; it is asked for by POST, as it costs the server something.
 * @param onBytes told how much has come so far
 * @throws AdminError with the server's own sentence; an abort is thrown as it is
 */
export async function fetchDownload(
  url: string,
  fallbackName: string,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Download> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      cache: 'no-store',
      signal,
    });
    if (!response.ok) throw new AdminError(response.status, await explain(response));
    const pieces: BlobPart[] = [];
    let bytes = 0;
    for (const reader = response.body?.getReader(); reader; ) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      bytes += value.byteLength;
      onBytes(bytes);
    }
    const name = /filename="([^"/\\]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? fallbackName;
    return { blob: new Blob(pieces), name };
  } catch (error) {
    if (signal.aborted || error instanceof AdminError) throw error;
    throw new AdminError(0, 'The connection broke before the file was complete. Try again.');
  }
}

/** Hands a file to the browser's own downloads. */
export function saveDownload({ blob, name }: Download): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken hold of it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

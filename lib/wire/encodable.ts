/** What an encoder needs of a journal entry; `body` is the event as one line of JSON. */
export type Encodable = { readonly seq: number; readonly kind: string; readonly body: string };

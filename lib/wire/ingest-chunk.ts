/**
 * A body is stored in chunks, each whole or not at all. A chunk is cut at so many events or characters, which depends on
 * the body alone: a repeated body is cut in the same places, and each chunk of it is recognised.
 */
export const CHUNK_LIMITS = { eventsMax: 1000, charsMax: 1024 * 1024 };

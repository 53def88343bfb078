import type { Attributes, JsonValue } from '@/lib/core/event.ts';

/** Sets an attribute of any name: one called "__proto__" is data like any other. */
export function setOwn(attributes: Attributes, key: string, value: JsonValue): void {
  if (key !== '__proto__') attributes[key] = value;
  else Object.defineProperty(attributes, key, { value, enumerable: true, configurable: true, writable: true });
}

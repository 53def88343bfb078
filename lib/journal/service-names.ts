/** The services seen, for the screen's filter. Bounded: whoever sends a new name with every event fills only this. */
const SERVICES_MAX = 1000;

export class ServiceNames {
  readonly #names = new Set<string>();

  add(name: string): void {
    if (this.#names.size < SERVICES_MAX) this.#names.add(name);
  }

  list(): string[] {
    return [...this.#names].sort();
  }
}

/** An AbortSignal that is made when it is first asked for: most connections never wait for anything that it could end. */
export class Cancellation {
  #controller: AbortController | undefined;
  #isCancelled = false;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isCancelled) this.#controller.abort();
    return this.#controller.signal;
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#controller?.abort();
  }
}

/** The listeners of one kind of event, called in the order in which they came. */

export class Listeners<Arguments extends readonly unknown[]> {
  readonly #listeners = new Set<(...event: Arguments) => void>();

  /** The same function added twice is called twice; disposing one of the two ends one of the two. */
  add(listener: (...event: Arguments) => void): Disposable {
    const own = (...event: Arguments) => listener(...event);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  emit(...event: Arguments): void {
    for (const listener of this.#listeners) listener(...event);
  }
}

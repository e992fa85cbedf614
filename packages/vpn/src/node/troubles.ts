/** What is wrong with a node, by what it is wrong with: from when it was found until it is found no longer. */

export type TroubleOf = "store" | "device" | "key" | "firewall" | "connections";

export class Troubles {
  readonly #troubles = new Map<TroubleOf, string>();
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** In words for an admin. */
  get all(): readonly string[] {
    return [...this.#troubles.values()];
  }

  begin(of: TroubleOf, words: string): void {
    if (this.#troubles.get(of) === words) return;
    this.#troubles.set(of, words);
    this.#onChange();
  }

  end(of: TroubleOf): void {
    if (this.#troubles.delete(of)) this.#onChange();
  }
}

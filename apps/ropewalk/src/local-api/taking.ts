/** What a reader has printed and the node is to give up. A node that went away over a question may have done what it was asked. */
import type { TakenDocument } from "@ropewalk/api/messages";

const atOnce = 100;

export class Taking {
  #left: readonly number[] = [];
  /** The node went away over a question or could not do it, so some of what is left may have been taken by it. */
  #isInDoubt = false;
  #lostToOthers = 0;
  #why: string | null = null;

  /** How many are still to be taken. */
  get left(): number {
    return this.#left.length;
  }

  /** How many somebody else has taken. */
  get lostToOthers(): number {
    return this.#lostToOthers;
  }

  /** Why the node took nothing the last time; null: it did, or was not there. */
  get why(): string | null {
    return this.#why;
  }

  add(numbers: readonly number[]): void {
    this.#left = [...this.#left, ...numbers];
  }

  /** All of them; what the node cannot take now is asked for again the next time. Throws what `take` does. */
  async work(take: (numbers: readonly number[]) => Promise<TakenDocument>): Promise<void> {
    while (this.#left.length > 0) {
      const asked = this.#left.slice(0, atOnce);
      const wasInDoubt = this.#isInDoubt;
      this.#isInDoubt = true;
      const { untaken, why } = await take(asked);
      // A node that ends refuses what it may yet do, and says nothing of what it did before it went away.
      this.#isInDoubt = why !== null;
      this.#why = why;
      const rest = this.#left.slice(asked.length);
      this.#left = why === null ? rest : [...untaken, ...rest];
      if (why !== null) return;
      if (!wasInDoubt) this.#lostToOthers += untaken.length;
    }
  }
}

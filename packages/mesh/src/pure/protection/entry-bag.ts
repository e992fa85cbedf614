/** Destinations of the table of shares, of one pile: any of them at random, the oldest, and out of it, each in constant time. */
import type { LinkId } from "../link.ts";
import type { MeshAddress } from "../mesh-address.ts";

export interface ShareEntry {
  readonly address: MeshAddress;
  link: LinkId;
  hops: number;
  standing: "unconfirmed" | "confirmed";
  /** Those below are its bag's own. */
  index: number;
  older: ShareEntry | undefined;
  younger: ShareEntry | undefined;
}

export class EntryBag {
  readonly #entries: ShareEntry[] = [];
  #oldest: ShareEntry | undefined;
  #youngest: ShareEntry | undefined;

  get size(): number {
    return this.#entries.length;
  }

  get oldest(): ShareEntry | undefined {
    return this.#oldest;
  }

  get youngest(): ShareEntry | undefined {
    return this.#youngest;
  }

  /** `chance` is in 0…1. */
  any(chance: number): ShareEntry | undefined {
    return this.#entries[Math.min(this.size - 1, Math.floor(chance * this.size))];
  }

  /** It must be in no bag. */
  add(entry: ShareEntry): void {
    entry.index = this.#entries.push(entry) - 1;
    entry.older = this.#youngest;
    entry.younger = undefined;
    if (this.#youngest === undefined) this.#oldest = entry;
    else this.#youngest.younger = entry;
    this.#youngest = entry;
  }

  /** It must be in this bag. The last takes its place: there is no order among `any`. */
  delete(entry: ShareEntry): void {
    const last = this.#entries.pop();
    if (last !== undefined && last !== entry) {
      this.#entries[entry.index] = last;
      last.index = entry.index;
    }
    if (entry.older === undefined) this.#oldest = entry.younger;
    else entry.older.younger = entry.younger;
    if (entry.younger === undefined) this.#youngest = entry.older;
    else entry.younger.older = entry.older;
  }
}

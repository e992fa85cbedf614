/**
 * What falls due when: a binary heap. What is set anew leaves its former entry behind, which is passed over when it comes up; the heap is made anew
 * when most of it is such.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";

interface Entry<Key> {
  readonly at: Millis;
  readonly key: Key;
}

/** Below it nobody minds what was left behind. */
const fewEntries = 64;

export class DueQueue<Key> {
  readonly #due = new Map<Key, Millis>();
  #heap: Entry<Key>[] = [];

  /** It falls due then, whatever was said of it before. */
  set(key: Key, at: Millis): void {
    if (this.#due.get(key) === at) return;
    this.#due.set(key, at);
    if (this.#heap.length > 2 * this.#due.size + fewEntries) this.#renew();
    else this.#rise({ at, key });
  }

  delete(key: Key): void {
    this.#due.delete(key);
  }

  /** When the first of them falls due. */
  deadline(): Millis | undefined {
    this.#passOver();
    return this.#heap[0]?.at;
  }

  /** Those that are due by `now`, the first of them first; they are in it no longer. */
  take(now: Millis): readonly Key[] {
    const taken: Key[] = [];
    for (this.#passOver(); (this.#heap[0]?.at ?? Number.POSITIVE_INFINITY) <= now; this.#passOver()) {
      const first = this.#sink();
      if (first === undefined) break;
      this.#due.delete(first.key);
      taken.push(first.key);
    }
    return taken;
  }

  #renew(): void {
    this.#heap = [];
    for (const [key, at] of this.#due) this.#rise({ at: millis(at), key });
  }

  #passOver(): void {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (this.#due.get(first.key) === first.at) return;
      this.#sink();
    }
  }

  #rise(entry: Entry<Key>): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || parent.at <= entry.at) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  /** Takes the first away. */
  #sink(): Entry<Key> | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const lesser = dueAt(heap[right]) < dueAt(heap[left]) ? right : left;
      const child = heap[lesser];
      if (child === undefined || child.at >= last.at) break;
      heap[at] = child;
      at = lesser;
    }
    heap[at] = last;
    return first;
  }
}

function dueAt(entry: Entry<unknown> | undefined): number {
  return entry?.at ?? Number.POSITIVE_INFINITY;
}

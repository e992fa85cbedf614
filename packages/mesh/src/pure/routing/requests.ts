/**
 * Which newer announces are wanted, when they are asked for again, and which questions of others were just passed on: a thousand nodes
 * that lose the same way ask its origin once. Source: RFC 8966 §3.8.1 and §3.8.2.
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { MeshAddress } from "../mesh-address.ts";
import { type Freshness, mostHops } from "../wire/announce.ts";

interface Wanted {
  /** What was known of it; both 0: nothing. */
  readonly known: Freshness;
  tries: number;
  readonly most: number;
  at: Millis;
}

export interface Due {
  readonly address: MeshAddress;
  readonly known: Freshness;
  /** Hops over which all are asked. */
  readonly reach: number;
}

/** Before the first: another way often shows by itself. */
const patience = millis(50);
const firstWait = seconds(1);
/** How far all are asked, time after time: who has another way is mostly near. */
export const nearby = 2;
const reaches = [nearby, 2 * nearby, mostHops];
const mostWanted = 4096;
const mostSeen = 8192;
/** In a turn of the event loop: a link that goes may take the ways to thousands with it. */
const mostAtOnce = 256;
/** The same question is passed on once within this at least, and again within twice that: whoever asks again must be heard. */
const seenFor = millis(500);

export class Requests {
  readonly #wanted = new Map<MeshAddress, Wanted>();
  #dueAt: Millis | undefined;
  /** Of this half second, and of the one before. */
  #seen = new Set<string>();
  #seenBefore = new Set<string>();
  #seenIn = 0;

  get size(): number {
    return this.#wanted.size;
  }

  isWanted(address: MeshAddress): boolean {
    return this.#wanted.has(address);
  }

  /** `urgency`: whether somebody waits for it, or it is only good to have: then not all are asked. */
  want(now: Millis, address: MeshAddress, known: Freshness, urgency: "used" | "unused" = "used"): void {
    if (this.#wanted.has(address) || this.#wanted.size >= mostWanted) return;
    const at = millis(now + patience);
    this.#wanted.set(address, { known, tries: 0, at, most: urgency === "used" ? reaches.length : reaches.length - 1 });
    if (this.#dueAt === undefined || at < this.#dueAt) this.#dueAt = at;
  }

  /** It came, or nobody wants it any more. */
  settle(address: MeshAddress): void {
    this.#wanted.delete(address);
  }

  /** Those to be asked for now; where there are many, the others when it is called again. */
  due(now: Millis): readonly Due[] {
    const due: Due[] = [];
    if (this.#dueAt === undefined || now < this.#dueAt) return due;
    for (const [address, wanted] of this.#wanted) {
      if (wanted.at > now) continue;
      if (due.length >= mostAtOnce) break;
      due.push({ address, known: wanted.known, reach: reaches[wanted.tries] ?? mostHops });
      wanted.tries += 1;
      wanted.at = millis(now + firstWait * 2 ** (wanted.tries - 1));
      if (wanted.tries >= wanted.most) this.#wanted.delete(address);
    }
    this.#dueAt = undefined;
    for (const { at } of this.#wanted.values()) if (this.#dueAt === undefined || at < this.#dueAt) this.#dueAt = at;
    return due;
  }

  /** No later than the next is due. */
  get deadline(): Millis | undefined {
    return this.#dueAt;
  }

  /** Whether a question is to be passed on: not, if the same one just was, or too many others were. */
  isNew(now: Millis, address: MeshAddress, { epoch, sequence }: Freshness): boolean {
    const half = Math.floor(now / seenFor);
    if (half !== this.#seenIn) {
      this.#seenBefore = half === this.#seenIn + 1 ? this.#seen : new Set();
      this.#seen = new Set();
      this.#seenIn = half;
    }
    const question = `${address} ${epoch} ${sequence}`;
    if (this.#seen.has(question) || this.#seenBefore.has(question) || this.#seen.size >= mostSeen) return false;
    this.#seen.add(question);
    return true;
  }
}

/**
 * Messages of which some parts came and others did not. Each has room for all of it from its first part on, so that what was begun can be ended. Where
 * there is none for one more, the one that rested longest of whoever has the most gives way, if it rested for an hour; and one that rests for as
 * long as a message may live is given up. Its parts were proved and are not sent again: so the rest of it is refused from then on, and its sender is never
 * told that it was delivered.
 */
import type { MeshAddress } from "../mesh-address.ts";
import { chunksOf, longestChunk } from "./chunks.ts";
import type { StoreTime } from "./store-time.ts";

/** What a part costs besides its octets: rows of the store. */
export const partOverhead = 512;
/** Of one sender, of what all may have. */
const ofSender = 1 / 4;
/** Seconds without a part, after which one may give way. */
const restingAfter = 3_600;

export interface PartFacts {
  readonly sender: MeshAddress;
  /** Of the message: 16 hexadecimal digits. */
  readonly id: string;
  /** How many parts it has. */
  readonly count: number;
}

export interface Incomplete extends PartFacts {
  /** Octets that are kept free for all of it. */
  readonly reserved: number;
  /** Of the parts that are on the disk. */
  octets: number;
  /** On their way to the disk. */
  storing: number;
  /** When the last one came. */
  lastAt: StoreTime;
}

/** `gave-way`: to another; `stalled`: nothing came of it for too long. */
export type GivenUpWhy = "gave-way" | "stalled";

export class IncompleteMessages {
  /** The one that rested longest first. */
  readonly #byName = new Map<string, Incomplete>();

  get size(): number {
    return this.#byName.size;
  }

  find({ sender, id }: Omit<PartFacts, "count">): Incomplete | undefined {
    return this.#byName.get(nameOf(sender, id));
  }

  begin(at: StoreTime, { sender, id, count }: PartFacts): Incomplete {
    const begun = { sender, id, count, reserved: reservedFor(count), octets: 0, storing: 0, lastAt: at };
    this.#byName.set(nameOf(sender, id), begun);
    return begun;
  }

  /** A part of it is on the disk. */
  progress(at: StoreTime, one: Incomplete, octets: number): void {
    one.octets += octets;
    one.lastAt = at;
    this.#byName.delete(nameOf(one.sender, one.id));
    this.#byName.set(nameOf(one.sender, one.id), one);
  }

  remove({ sender, id }: Incomplete): void {
    this.#byName.delete(nameOf(sender, id));
  }

  /** Which is to give way so that a sender may have so many octets more; `none`: none need, `no-room`: none may. `all`: what his like may have. */
  victim(
    at: StoreTime,
    sender: MeshAddress,
    octets: number,
    { all, longest, isAlike }: IncompleteBounds,
  ): Incomplete | "none" | "no-room" {
    const held = new Map([[sender, octets]]);
    for (const one of this.#byName.values())
      if (isAlike(one.sender)) held.set(one.sender, (held.get(one.sender) ?? 0) + one.reserved);
    const atLeast = reservedFor(chunksOf(longest));
    const isSenderOver = (held.get(sender) ?? 0) > Math.max(all * ofSender, atLeast);
    const isOver = isSenderOver || held.values().reduce((sum, each) => sum + each, 0) > Math.max(all, atLeast);
    if (!isOver) return "none";
    const most = Math.max(...held.values());
    // Of several who have as much, the newcomer's.
    const [fullest] =
      isSenderOver || held.get(sender) === most ? [sender] : ([...held].find(([, each]) => each === most) ?? []);
    return this.#byName.values().find((one) => one.sender === fullest && isResting(at, one)) ?? "no-room";
  }

  /** Those of which nothing came since then. */
  restingSince(since: StoreTime): readonly Incomplete[] {
    const resting: Incomplete[] = [];
    for (const one of this.#byName.values()) {
      if (one.lastAt > since) break;
      if (one.storing === 0) resting.push(one);
    }
    return resting;
  }
}

export interface IncompleteBounds {
  /** Octets that all alike may have. */
  readonly all: number;
  /** Octets of the longest message: of one there is always room. */
  readonly longest: number;
  /** Whether somebody shares these bounds. */
  readonly isAlike: (sender: MeshAddress) => boolean;
}

export function reservedFor(count: number): number {
  return count * (longestChunk + partOverhead);
}

function isResting(at: StoreTime, { storing, lastAt }: Incomplete): boolean {
  return storing === 0 && at - lastAt >= restingAfter;
}

function nameOf(sender: MeshAddress, id: string): string {
  return `${sender} ${id}`;
}

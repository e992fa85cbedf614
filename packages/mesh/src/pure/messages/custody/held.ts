/** What is known of an envelope that waits here for its destination. The envelope itself is in the store, and is read when it is due. */
import type { Branded } from "@ropewalk/kernel/units";
import type { MeshAddress } from "../../mesh-address.ts";
import type { CustodyTarget } from "../store-operations.ts";
import type { StoreTime } from "../store-time.ts";
import type { Priority, TagName } from "../wire/envelope.ts";

/** Who is charged with it; "own": this node, whose own messages have bounds of their own. */
export type HeldFrom = MeshAddress | "own";

/** Of neighbours that are not there now, those beyond a number share one account, the crowd's. */
export type AccountName = HeldFrom | "crowd";

/**
 * What an envelope costs besides its octets: up to 560 octets of memory here (460 where there are several for one destination), and a row of
 * the store. So the bound of octets bounds memory too: 64 MiB are some 98,000 of the shortest, in 43 MB at most.
 */
export const heldOverhead = 640;

/** Places in heaps; -1: in none. */
export type HeldPlace = "byEnd" | "byRank" | "inPile" | "byDue";

/**
 * `idle`: nothing is to be done before something is heard of its destination. `waiting`: until it is due. `ready`: to be read.
 * `reading`: it was asked for. `gone`: it was removed, though a queue may still name it.
 */
export type HeldState = "idle" | "waiting" | "ready" | "reading" | "gone";

/** By what something that is held is known: its tag, and behind it its mark, in 32 hexadecimal digits. */
export type HeldName = Branded<string, "HeldName">;
const tagDigits = 16;

/** `mark`: 8 octets. */
export function heldName(tag: TagName, mark: Uint8Array): HeldName {
  return `${tag}${mark.toHex()}` as HeldName;
}

export function tagIn(name: HeldName): TagName {
  return name.slice(0, tagDigits) as TagName;
}

/** In 16 hexadecimal digits. */
export function markIn(name: HeldName): string {
  return name.slice(tagDigits);
}

export class Held {
  readonly name: HeldName;
  readonly from: HeldFrom;
  readonly isSenders: boolean;
  readonly priority: Priority;
  /** Of its life. */
  readonly until: StoreTime;
  /** Octets of the envelope. */
  readonly size: number;
  /** Whom it is for, or, as long as nobody is known who fits it, the hint. */
  to: CustodyTarget;
  copies: number;
  /** In which it is counted; undefined: in none. */
  account: AccountName | undefined;
  state: HeldState = "idle";
  /** Attempts since a way was there. */
  attempts = 0;
  /** When it is to be tried again, and when it last was: whole seconds of the store's calendar. */
  dueAt = 0;
  triedAt = 0;
  /** In which order they came here: those that are due at once go in it. */
  order = 0;
  /** As far as it was compared with the known addresses; see `hint-matching.ts`. */
  compared = 0;
  byEnd = -1;
  byRank = -1;
  inPile = -1;
  byDue = -1;
  rowPlace = -1;

  constructor({ name, to, from, isSenders, priority, until, copies }: HeldFacts, size: number) {
    this.name = name;
    this.to = to;
    this.from = from;
    this.isSenders = isSenders;
    this.priority = priority;
    this.until = until;
    this.copies = copies;
    this.size = size;
  }

  get tag(): TagName {
    return tagIn(this.name);
  }

  get destination(): MeshAddress | undefined {
    return this.to.kind === "address" ? this.to.address : undefined;
  }

  /** What it is charged with. */
  get cost(): number {
    return this.size + heldOverhead;
  }
}

export interface HeldFacts {
  readonly name: HeldName;
  readonly to: CustodyTarget;
  readonly from: HeldFrom;
  /** Whether it is known that who brought it is who sent it. */
  readonly isSenders: boolean;
  readonly priority: Priority;
  readonly until: StoreTime;
  /** 1 to 8: how many nodes may hold it. */
  readonly copies: number;
}

/** Whether `one` is the first of both to give way: the lower priority, then what has less of its life left. */
export function givesWayBefore(one: Held, other: Held): boolean {
  return one.priority === other.priority ? one.until < other.until : one.priority < other.priority;
}

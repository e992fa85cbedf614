/**
 * What waits to go out on one link, in order and bounded in octets. When there is no room, the oldest of what matters least gives way:
 * announces, for they are said again; then messages of low priority; packets, traces, answers and usual messages, for whoever sent them asks
 * or sends again; then urgent messages and proofs, and emergencies at last. What keeps the routes of both ends in step (hello, withdraw,
 * request, status, ping) is never dropped: if those alone fill the queue, the neighbour does not read.
 */
import { priority } from "../messages/wire/envelope.ts";
import { frameHead } from "./frame-stream.ts";
import { frameLengths, frameType } from "./link-frame.ts";

/** In the order in which they give way. */
const kinds = ["announces", "low", "packets", "urgent", "emergencies"] as const;

export type Dropped = (typeof kinds)[number];

/** Of the types of frames that may be dropped, without a priority of their own. */
const droppable: Readonly<Record<number, Dropped | undefined>> = {
  [frameType.announce]: "announces",
  [frameType.packet]: "packets",
  [frameType.trace]: "packets",
  [frameType.answer]: "packets",
  [frameType.meeting]: "packets",
  [frameType.proof]: "urgent",
};

const ofPriority: Readonly<Record<number, Dropped>> = {
  [priority.low]: "low",
  [priority.normal]: "packets",
  [priority.high]: "urgent",
  [priority.emergency]: "emergencies",
};

interface Waiting {
  readonly kind: Dropped | undefined;
  /** Undefined: it was dropped. */
  frame: Uint8Array | undefined;
}

export class SendQueue {
  readonly #most: number;
  readonly #all = new Fifo<Waiting>();
  /** Those of `#all` that may be dropped and were not. */
  readonly #droppable: Readonly<Record<Dropped, Fifo<Waiting>>> = ofEach(() => new Fifo<Waiting>());
  readonly #dropped: Record<Dropped, number> = ofEach(() => 0);
  /** Places in `#all` of what was dropped. */
  #gaps = 0;
  #octets = 0;

  /** `most` octets, the lengths of the frames included. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Octets that wait. */
  get octets(): number {
    return this.#octets;
  }

  get isEmpty(): boolean {
    return this.#octets === 0;
  }

  /** Frames that were dropped, since the beginning. */
  get dropped(): Readonly<Record<Dropped, number>> {
    return this.#dropped;
  }

  /** Takes a frame over. False: there is no room, and nothing that may be dropped for it; the link is of no use. */
  push(frame: Uint8Array): boolean {
    const kind = kindOf(frame);
    const size = frameHead + frame.length;
    // An announce does not make a packet give way, nor a packet an emergency.
    for (const victim of kinds) {
      this.#makeRoom(size, victim);
      if (victim === kind) break;
    }
    if (this.#octets + size > this.#most) {
      if (kind === undefined) return false;
      this.#dropped[kind] += 1;
      return true;
    }
    const waiting: Waiting = { kind, frame };
    this.#all.push(waiting);
    if (kind !== undefined) this.#droppable[kind].push(waiting);
    this.#octets += size;
    return true;
  }

  /** The oldest frames, as many as `most` octets hold, at least one; none where nothing waits. */
  take(most: number): readonly Uint8Array[] {
    const taken: Uint8Array[] = [];
    let octets = 0;
    for (let next = this.#all.first; next !== undefined; next = this.#all.first) {
      const { kind, frame } = next;
      const size = frame === undefined ? 0 : frameHead + frame.length;
      if (octets + size > most && taken.length > 0) break;
      this.#all.shift();
      if (frame === undefined) this.#gaps -= 1;
      else taken.push(frame);
      // Of what may be dropped, the oldest is the first of its kind too.
      if (kind !== undefined && frame !== undefined) this.#droppable[kind].shift();
      octets += size;
    }
    this.#octets -= octets;
    return taken;
  }

  #makeRoom(size: number, kind: Dropped): void {
    while (this.#octets + size > this.#most && size <= this.#most) {
      const victim = this.#droppable[kind].shift();
      if (victim?.frame === undefined) return;
      this.#octets -= frameHead + victim.frame.length;
      victim.frame = undefined;
      this.#dropped[kind] += 1;
      this.#gaps += 1;
      if (this.#gaps > 64 && this.#gaps * 2 > this.#all.length) {
        this.#all.keep(({ frame }) => frame !== undefined);
        this.#gaps = 0;
      }
    }
  }
}

/** Undefined: it is never dropped. */
function kindOf(frame: Uint8Array): Dropped | undefined {
  const type = frame[0] ?? 0;
  if (type === frameType.message) return ofPriority[(frame[frameLengths.message] ?? 0) >>> 6];
  if (type === frameType.broadcast) return ofPriority[(frame[frameLengths.broadcast] ?? 0) >>> 6];
  if (type === frameType.deposit) return ofPriority[(frame[frameLengths.deposit] ?? 0) >>> 6];
  return droppable[type];
}

function ofEach<T>(make: () => T): Record<Dropped, T> {
  return { announces: make(), low: make(), packets: make(), urgent: make(), emergencies: make() };
}

/** An array's own shift moves all that is left. */
class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  get first(): T | undefined {
    return this.#items[this.#head];
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head += 1;
    if (this.#head > 64 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  keep(isKept: (item: T) => boolean): void {
    this.#items = this.#items.slice(this.#head).filter(isKept);
    this.#head = 0;
  }
}

/** Two stores and their meeting over a link that carries all in order, with every octet counted. */
import { millis } from "@ropewalk/kernel/units";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { elementsOf, type Standings } from "@ropewalk/mesh/pure/messages/reconcile/element";
import { Meeting, type MeetingOutput } from "@ropewalk/mesh/pure/messages/reconcile/meeting";
import { defaultMeetingLimits, type MeetingLimits } from "@ropewalk/mesh/pure/messages/reconcile/meeting-limits";
import type { MeetingSaid } from "@ropewalk/mesh/pure/messages/wire/meeting";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import { frameHead } from "@ropewalk/mesh/pure/wire/frame-stream";
import { Random } from "@ropewalk/simnet/random";

export const lower = "00".repeat(16) as MeshAddress;
export const higher = "ff".repeat(16) as MeshAddress;
export const usualMtu = 4096;

export interface PairOptions {
  readonly seed?: number;
  readonly mtu?: number;
  readonly limits?: Partial<MeetingLimits>;
}

/** A store that is a row of elements; what it is told to give, and what came of its meetings, in order. */
export class MeetingEnd {
  readonly meeting: Meeting;
  readonly outcomes: Exclude<MeetingOutput, { readonly kind: "say" }>[] = [];
  elements: Uint32Array | undefined;
  /** Said and not delivered. */
  readonly waiting: Uint8Array[] = [];
  octets = 0;
  frames = 0;
  readonly #mtu: number;

  constructor(own: MeshAddress, elements: Uint32Array | undefined, options: PairOptions = {}) {
    const { seed = 1, mtu = usualMtu, limits } = options;
    const random = new Random(seed, own);
    this.elements = elements;
    this.#mtu = mtu;
    const ends = { own, peer: own === lower ? higher : lower, mtu };
    this.meeting = new Meeting(
      millis(0),
      ends,
      { ...defaultMeetingLimits, ...limits },
      {
        elements: () => this.elements,
        random: (length) => Uint8Array.from({ length }, () => random.below(256)),
      },
    );
  }

  begin(now = 0): void {
    this.#perform(this.meeting.begin(millis(now)));
  }

  hear(said: MeetingSaid, now = 0): void {
    this.#perform(this.meeting.receive(millis(now), said));
  }

  expire(now: number): void {
    this.#perform(this.meeting.expire(millis(now)));
  }

  /** What it says next, read as the other end would. */
  next(): MeetingSaid | undefined {
    const octets = this.waiting.shift();
    if (octets === undefined) return undefined;
    const frame = decodeFrame(octets);
    if (frame?.type !== "meeting") throw new Error(`it said ${octets.toHex()}, which is nothing of a meeting`);
    return frame.said;
  }

  /** All that it said and that was not delivered, by kind. */
  said(): readonly MeetingSaid["kind"][] {
    const kinds: MeetingSaid["kind"][] = [];
    for (let said = this.next(); said !== undefined; said = this.next()) kinds.push(said.kind);
    return kinds;
  }

  get given(): Standings {
    const all = this.outcomes.flatMap((outcome) => (outcome.kind === "give" ? [outcome.given] : []));
    return { held: all.flatMap(({ held }) => held), proved: all.flatMap(({ proved }) => proved) };
  }

  /** What its last meeting came to. */
  get ended(): MeetingOutput["kind"] | undefined {
    return this.outcomes.findLast(({ kind }) => kind !== "give")?.kind;
  }

  #perform(outputs: readonly MeetingOutput[]): void {
    for (const output of outputs) {
      if (output.kind !== "say") {
        this.outcomes.push(output);
        continue;
      }
      const octets = encodeFrame({ type: "meeting", said: output.said });
      if (octets.length > this.#mtu) throw new Error(`a frame of ${octets.length} octets`);
      this.octets += frameHead + octets.length;
      this.frames += 1;
      this.waiting.push(octets);
    }
  }
}

export class MeetingPair {
  readonly low: MeetingEnd;
  readonly high: MeetingEnd;

  constructor(low: Uint32Array | undefined, high: Uint32Array | undefined, options: PairOptions = {}) {
    this.low = new MeetingEnd(lower, low, options);
    this.high = new MeetingEnd(higher, high, options);
  }

  /** Both ways, with the lengths before the frames. */
  get octets(): number {
    return this.low.octets + this.high.octets;
  }

  /** All that is said is heard, turn by turn. How many turns it took. */
  settle(now = 0): number {
    let turns = 0;
    for (; this.low.waiting.length + this.high.waiting.length > 0; turns += 1) {
      if (turns === 1_000) throw new Error("they never come to an end");
      const [toHigh, toLow] = [this.low.waiting.splice(0), this.high.waiting.splice(0)];
      for (const octets of toHigh) this.high.hear(saidIn(octets), now);
      for (const octets of toLow) this.low.hear(saidIn(octets), now);
    }
    return turns;
  }
}

/** What each end gives goes into the other's store, unless it is known there; a proof takes the place of what it proves. */
export function exchange(one: MeetingEnd, other: MeetingEnd): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    const { held, proved } = from.given;
    const known = new Map<string, "held" | "proved">();
    const row = to.elements ?? new Uint32Array();
    for (let at = 0; at < row.length; at += 2) {
      const [high, low] = [row[at] as number, row[at + 1] as number];
      known.set(hex(high) + hex((low & ~1) >>> 0), (low & 1) === 0 ? "held" : "proved");
    }
    for (const stem of held) if (!known.has(stem)) known.set(stem, "held");
    for (const stem of proved) known.set(stem, "proved");
    const stems = (standing: "held" | "proved") =>
      [...known].filter(([, each]) => each === standing).map(([stem]) => stem);
    to.elements = elementsOf({ held: stems("held"), proved: stems("proved") });
    if (held.length + proved.length > 0) to.meeting.came();
  }
  for (const end of [one, other]) end.outcomes.splice(0);
}

function saidIn(octets: Uint8Array): MeetingSaid {
  const frame = decodeFrame(octets);
  if (frame?.type !== "meeting") throw new Error(`${octets.toHex()} is nothing of a meeting`);
  return frame.said;
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}

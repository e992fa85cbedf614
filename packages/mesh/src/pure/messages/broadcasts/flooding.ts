/**
 * How broadcasts go on: to each neighbour but the one that brought them, in a queue of its own that is bounded and paced, so that all of
 * them together take a small share of a link. What is urgent goes first; over a link where octets are dear nothing else goes at all.
 */
import { TokenBucket } from "@ropewalk/kernel/token-bucket";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { LinkId } from "../../link.ts";
import type { MeshOutput } from "../../mesh-output.ts";
import type { Neighbour } from "../../neighbour.ts";
import { classRank, sustainedRate, transportClass } from "../../transport-class.ts";
import { frameHead } from "../../wire/frame-stream.ts";
import { frameLengths, frameType } from "../../wire/link-frame.ts";
import { rewriteBroadcastHop } from "../wire/broadcast.ts";
import { priority } from "../wire/envelope.ts";
import type { HeardBroadcast } from "./heard-broadcasts.ts";

/** Of what a link carries in the long run. */
const share = 0.05;
const leastBurst = 8_192;
const mostWaiting = 128;
/** The last ones, which a neighbour that comes up is told. */
const mostRecent = 64;

/** `queue`: more waited for the link than may; `long`: its frames are shorter; `dear`: its octets are for what is urgent. */
export type FloodDrop = "queue" | "life" | "long" | "dear";

export interface FloodingDeps {
  readonly neighbours: ReadonlyMap<LinkId, Neighbour>;
  readonly emit: (output: MeshOutput) => void;
  readonly onDrop: (why: FloodDrop) => void;
  readonly onPassed: () => void;
}

/** One on its way: octets of its own, which begin behind the frame's type. */
interface Passing {
  readonly heard: HeardBroadcast;
  readonly frame: Uint8Array;
}

interface Way {
  readonly bucket: TokenBucket;
  /** By priority, and then in the order in which they came. */
  readonly waiting: readonly Map<HeardBroadcast, Passing>[];
}

export class Flooding {
  readonly #deps: FloodingDeps;
  readonly #ways = new Map<LinkId, Way>();
  readonly #busy = new Set<LinkId>();
  #recent: Passing[] = [];
  #dueAt: Millis | undefined;

  constructor(deps: FloodingDeps) {
    this.#deps = deps;
  }

  /** When the next may go; undefined: none waits. */
  get deadline(): Millis | undefined {
    return this.#dueAt;
  }

  /** It goes on, or on once more since a copy of it came that may go further; octets as they came. */
  pass(now: Millis, heard: HeardBroadcast, octets: Uint8Array): void {
    if (heard.hops < 0) return;
    const frame = new Uint8Array(frameLengths.broadcast + octets.length);
    frame[0] = frameType.broadcast;
    frame.set(octets, frameLengths.broadcast);
    const passing = { heard, frame };
    this.#recent = [...this.#recent.filter((one) => one.heard !== heard && one.heard.until > now), passing];
    if (this.#recent.length > mostRecent) this.#recent.shift();
    for (const neighbour of this.#deps.neighbours.values()) this.#offer(now, neighbour, passing);
  }

  /** A neighbour has it already, with so many hops left when it told it. */
  has(link: LinkId, heard: HeardBroadcast, hops: number): void {
    if (heard.hops <= hops + 1) this.#ways.get(link)?.waiting[heard.priority]?.delete(heard);
  }

  linkUp(neighbour: Neighbour): void {
    for (const passing of this.#recent) this.#offer(neighbour.since, neighbour, passing);
  }

  linkDown(link: LinkId): void {
    this.#ways.delete(link);
    this.#busy.delete(link);
  }

  /** At the end of each turn: sends what may go. */
  work(now: Millis): void {
    if (this.#busy.size === 0) return;
    this.#dueAt = undefined;
    for (const link of this.#busy) {
      const way = this.#ways.get(link);
      const at = way && this.#send(now, link, way);
      if (at === undefined) this.#busy.delete(link);
      else if (this.#dueAt === undefined || at < this.#dueAt) this.#dueAt = at;
    }
  }

  #offer(now: Millis, neighbour: Neighbour, passing: Passing): void {
    const { link, facts } = neighbour;
    const { heard, frame } = passing;
    if (heard.from === link || heard.until <= now) return;
    const isDear = classRank(transportClass(facts)) >= classRank("constrained");
    if (isDear && heard.priority < priority.high) this.#deps.onDrop("dear");
    else if (frame.length > facts.mtu) this.#deps.onDrop("long");
    else this.#wait(now, neighbour, passing);
  }

  #wait(now: Millis, { link, facts }: Neighbour, passing: Passing): void {
    const perSecond = (sustainedRate(facts) / 8) * share;
    const way = this.#ways.get(link) ?? {
      bucket: new TokenBucket({ perSecond, burst: Math.max(leastBurst, perSecond) }, now),
      waiting: [new Map(), new Map(), new Map(), new Map()],
    };
    this.#ways.set(link, way);
    const size = way.waiting.reduce((sum, queue) => sum + queue.size, 0);
    const own = way.waiting[passing.heard.priority];
    if (size >= mostWaiting && own?.has(passing.heard) !== true) {
      this.#deps.onDrop("queue");
      const least = way.waiting.findIndex((queue) => queue.size > 0);
      if (least > passing.heard.priority) return;
      const [oldest] = way.waiting[least] ?? [];
      if (oldest !== undefined) way.waiting[least]?.delete(oldest[0]);
    }
    own?.set(passing.heard, passing);
    this.#busy.add(link);
  }

  /** When the next may go by this link; undefined: none waits. */
  #send(now: Millis, link: LinkId, { bucket, waiting }: Way): Millis | undefined {
    for (const queue of waiting.toReversed()) {
      for (const [heard, { frame }] of queue) {
        const length = frameHead + frame.length;
        const life = heard.until - now;
        if (life < seconds(1)) this.#deps.onDrop("life");
        else if (bucket.take(now, length)) this.#transmit(link, heard, frame, millis(life));
        else return bucket.readyAt(now, length);
        queue.delete(heard);
      }
    }
    return undefined;
  }

  #transmit(link: LinkId, heard: HeardBroadcast, frame: Uint8Array, life: Millis): void {
    const own = frame.slice();
    rewriteBroadcastHop(own, frameLengths.broadcast, { priority: heard.priority, hops: heard.hops, life });
    this.#deps.emit({ kind: "transmit", link, frame: own });
    this.#deps.onPassed();
  }
}

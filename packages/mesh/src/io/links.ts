/**
 * Every link that this node has over TCP, one for a peer: it gives each its number, counts, sends and cuts them, and ends those whose
 * path is gone.
 */
import type { Clock } from "@ropewalk/kernel/clock";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { type BitsPerSecond, bytes, type Millis } from "@ropewalk/kernel/units";
import type { LinkFacts, LinkId } from "../pure/link.ts";
import type { MeshAddress } from "../pure/mesh-address.ts";
import { linkThatStays } from "../pure/one-link.ts";
import { decodeLeave } from "../pure/wire/leave-frame.ts";
import { longestFrame } from "../pure/wire/link-frame.ts";
import { FrameStream, type FrameStreamCounts, type FrameStreamEnd, type FrameStreamEvents } from "./frame-stream.ts";
import type { ProvedLink } from "./link-handshake.ts";
import { ReadingTurns } from "./reading-turns.ts";
import { TurnedAway } from "./turned-away.ts";

/** Of a metered path, and of another. */
const costs = { metered: 100, free: 0 } as const;

/** Where a link's connection runs. */
export interface LinkPlace {
  readonly remote: string;
  readonly remotePort: number;
  /** The address at this end. */
  readonly local: string;
  readonly startedAt: Millis;
  /** The only path by which it goes; undefined: whichever the kernel takes. */
  readonly binding?: PathBinding | undefined;
}

export type LinkEnd =
  | FrameStreamEnd
  /** The node had a reason, which is told. */
  | { readonly kind: "cut"; readonly why: string }
  /** Another link with the same peer stays. */
  | { readonly kind: "replaced" }
  /** The peer has as many links as it may. */
  | { readonly kind: "full" }
  /** This machine no longer has the address or the path by which it went. */
  | { readonly kind: "path-gone" };

export interface LinkPicture {
  readonly id: LinkId;
  readonly facts: LinkFacts;
  readonly direction: ProvedLink["direction"];
  readonly place: LinkPlace;
  readonly provedAt: Millis;
  readonly counts: FrameStreamCounts;
}

export interface LinksEvents {
  readonly onUp: (id: LinkId, facts: LinkFacts) => void;
  /** A view that is good until it returns. */
  readonly onFrame: (id: LinkId, frame: Uint8Array) => void;
  /** Once for each that was up, and last; then its peer has no link, or has another that is told as up next. */
  readonly onDown: (id: LinkId, facts: LinkFacts, end: LinkEnd) => void;
}

export interface LinksBounds {
  /** Beyond these only peers that `isWelcome` names are taken. */
  readonly most: number;
  readonly isWelcome: (peer: MeshAddress) => boolean;
}

export interface LinksConfig extends LinksBounds {
  readonly own: MeshAddress;
  /** Of links whose rate nobody has measured. */
  readonly bitrate: BitsPerSecond;
}

interface OpenLink {
  readonly id: LinkId;
  readonly facts: LinkFacts;
  readonly link: ProvedLink;
  readonly place: LinkPlace;
  readonly provedAt: Millis;
  readonly frames: FrameStream;
  /** Why it is being ended by this end. */
  reason: LinkEnd | undefined;
}

export class Links implements Disposable {
  #config: LinksConfig;
  readonly #clock: Clock;
  readonly #events: LinksEvents;
  readonly #byId = new Map<LinkId, OpenLink>();
  readonly #byPeer = new Map<MeshAddress, OpenLink>();
  readonly #turns: ReadingTurns;
  readonly #turnedAway: TurnedAway;
  #lastId = 0;

  constructor(config: LinksConfig, clock: Clock, events: LinksEvents) {
    this.#config = config;
    this.#clock = clock;
    this.#events = events;
    this.#turns = new ReadingTurns(clock);
    this.#turnedAway = new TurnedAway(clock);
  }

  get size(): number {
    return this.#byId.size;
  }

  has(peer: MeshAddress): boolean {
    return this.#byPeer.has(peer);
  }

  picture(): readonly LinkPicture[] {
    return [...this.#byId.values()].map(({ id, facts, link, place, provedAt, frames }) => {
      return { id, facts, direction: link.direction, place, provedAt, counts: frames.counts };
    });
  }

  /** Other bounds from now on. Of links beyond them the newest end. */
  setBounds(bounds: LinksBounds): void {
    this.#config = { ...this.#config, ...bounds };
    const inOrder = [...this.#byId.values()].filter(({ link }) => !bounds.isWelcome(link.peer)).toReversed();
    for (const open of inOrder) {
      if (this.#byId.size <= bounds.most) return;
      this.#end(open, { kind: "cut", why: "there are more links than may be" });
    }
  }

  /** Takes a link over as it is proved. `full`: there are as many as may be; `other`: the one that was there stays. */
  add(link: ProvedLink, place: LinkPlace): "taken" | "full" | "other" {
    const provedAt = this.#clock.now();
    const older = this.#byPeer.get(link.peer);
    const newer = { direction: link.direction, startedAt: place.startedAt, provedAt };
    if (!this.#isKept(link.peer, older, newer)) {
      if (older === undefined) this.#turnedAway.say(link.stream, "full");
      else link.stream.on("error", () => {}).destroy();
      return older === undefined ? "full" : "other";
    }
    if (older !== undefined) this.#end(older, { kind: "replaced" });
    this.#open(link, place, provedAt);
    return "taken";
  }

  /** Frames to a link that is gone are gone. */
  send(id: LinkId, frame: Uint8Array): void {
    this.#byId.get(id)?.frames.send(frame);
  }

  /** Reads no more of it, until it is resumed. */
  pause(id: LinkId): void {
    this.#byId.get(id)?.frames.pause();
  }

  resume(id: LinkId): void {
    this.#byId.get(id)?.frames.resume();
  }

  cut(id: LinkId, why: string): void {
    const open = this.#byId.get(id);
    if (open !== undefined) this.#end(open, { kind: "cut", why });
  }

  /** Ends every link whose place is gone: this machine no longer has the address or the path by which it goes. */
  endGone(isGone: (place: LinkPlace) => boolean): void {
    for (const open of [...this.#byId.values()]) if (isGone(open.place)) this.#end(open, { kind: "path-gone" });
  }

  /** Each is told as closed. */
  [Symbol.dispose](): void {
    for (const open of [...this.#byId.values()]) this.#end(open, { kind: "closed" });
    this.#turnedAway[Symbol.dispose]();
  }

  #isKept(peer: MeshAddress, older: OpenLink | undefined, newer: Parameters<typeof linkThatStays>[3]): boolean {
    if (older === undefined) return this.#byId.size < this.#config.most || this.#config.isWelcome(peer);
    const { link, place, provedAt } = older;
    const before = { direction: link.direction, startedAt: place.startedAt, provedAt };
    return linkThatStays(this.#config.own, peer, before, newer) === "newer";
  }

  #open(link: ProvedLink, place: LinkPlace, provedAt: Millis): void {
    this.#lastId += 1;
    const id = this.#lastId as LinkId;
    const { peer, peerKey } = link;
    const cost = place.binding?.metered === true ? costs.metered : costs.free;
    const facts: LinkFacts = { peer, peerKey, mtu: bytes(longestFrame), bitrate: this.#config.bitrate, cost, duty: 1 };
    const events: FrameStreamEvents = {
      onFrame: (frame) => this.#onFrame(open, frame),
      onEnd: (end) => this.#onEnd(open, open.reason ?? end),
    };
    const frames = new FrameStream(link.stream, events, this.#turns);
    const open: OpenLink = { id, facts, link, place, provedAt, frames, reason: undefined };
    this.#byId.set(id, open);
    this.#byPeer.set(peer, open);
    this.#events.onUp(id, facts);
  }

  #onFrame(open: OpenLink, frame: Uint8Array): void {
    const left = decodeLeave(frame);
    if (left === undefined) this.#events.onFrame(open.id, frame);
    else this.#end(open, left === "full" ? { kind: "full" } : { kind: "lost", code: undefined });
  }

  #end(open: OpenLink, reason: LinkEnd): void {
    open.reason = reason;
    open.frames[Symbol.dispose]();
  }

  #onEnd(open: OpenLink, end: LinkEnd): void {
    this.#byId.delete(open.id);
    if (this.#byPeer.get(open.link.peer) === open) this.#byPeer.delete(open.link.peer);
    this.#events.onDown(open.id, open.facts, end);
  }
}

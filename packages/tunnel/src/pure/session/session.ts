/**
 * A session: the streams of two ends, and what they are owed, on whichever lane carries it now. It knows no sockets: frames come in,
 * drafts of records go out, and what happens to streams is told.
 */
import { InternalError } from "@ropewalk/kernel/errors";
import type { Millis } from "@ropewalk/kernel/units";
import type { Role } from "../handshake/message.ts";
import type { Frame, GoAwayReason, ResumeState, Settings, StreamId } from "../wire/frame.ts";
import type { ResetReason } from "../wire/reset-reason.ts";
import { CopyCounts } from "./copy-counts.ts";
import type { BudgetConfig } from "./credit-budget.ts";
import { Draft } from "./draft.ts";
import { type CopiedFrame, type MovingFrame, moved, movedByCopy } from "./incoming.ts";
import { LivingStreams } from "./living-streams.ts";
import { PeerAsks, type SessionCounts } from "./peer-asks.ts";
import { resumed } from "./resumption.ts";
import type { Release } from "./send-half.ts";
import { broken, type SessionOutput } from "./session-output.ts";
import type { Stream } from "./stream.ts";

export const sessionVersion = 1;

export interface SessionConfig extends BudgetConfig {
  /** Octets that one stream may have waiting at most, in either direction. */
  readonly largestWindow: number;
}

/** The frames that are about streams; the others are of the lane. */
export type StreamFrame = Exclude<
  Frame,
  { readonly type: "start" | "started" | "resume" | "resumed" | "unknown" | "ping" | "pong" | "key-update" | "join" }
>;

export class Session {
  readonly copies: CopyCounts;
  readonly #role: Role;
  readonly #config: SessionConfig;
  readonly #streams: LivingStreams;
  readonly #asks: PeerAsks;
  #peer: Settings | undefined;
  #goingAway: GoAwayReason | undefined;
  #isPeerGoingAway = false;
  #roundTrip: Millis | undefined;
  #isOver = false;

  /** `release`: what becomes of memory that was lent with `write`. */
  constructor(role: Role, config: SessionConfig, release: Release = () => {}, copies: CopyCounts = new CopyCounts()) {
    this.copies = copies;
    this.#role = role;
    this.#config = config;
    this.#streams = new LivingStreams(role, config, config.largestWindow, release);
    this.#asks = new PeerAsks(this.#streams, config.mostStreams);
  }

  /** What this end tells the other at the start. */
  get settings(): Settings {
    return {
      version: sessionVersion,
      initialCredit: this.#streams.budget.initialCredit,
      mostStreams: this.#config.mostStreams,
    };
  }

  /** Streams that are not over. */
  get streams(): ReadonlyMap<StreamId, Stream> {
    return this.#streams.table.all;
  }

  get counts(): SessionCounts {
    return this.#asks.counts;
  }

  /** Octets that the peer was promised memory for. */
  get promised(): number {
    return this.#streams.budget.promised;
  }

  /** Octets, and ends of streams, that were written and that the peer may not have. */
  get kept(): number {
    return this.#streams.kept.total;
  }

  /** Whether this end has used up its numbers of streams: only another session can open more. */
  get isSpent(): boolean {
    return this.#streams.table.isSpent;
  }

  /** Whether something was sent, or waits to be, that the peer has not acknowledged. */
  get isExpecting(): boolean {
    return this.#streams.kept.total > 0 || this.#streams.resetting > 0;
  }

  /** Streams that applications have reset, with octets before it that the peer may not have. */
  get leaving(): number {
    return this.#streams.leaving;
  }

  /** The other end's, without which nothing can be opened. */
  begin(peer: Settings): void {
    this.#peer = peer;
  }

  /** As it was measured last; windows grow by it. */
  set roundTrip(roundTrip: Millis) {
    this.#roundTrip = roundTrip;
  }

  /** Whether this end may open streams, were there room for them. */
  get takesStreams(): boolean {
    return this.#peer !== undefined && !this.#isOver && this.#goingAway === undefined && !this.#isPeerGoingAway;
  }

  /** Undefined when either end takes no more streams, or the session has not begun, is over, or is spent. */
  open(now: Millis, request: Uint8Array): StreamId | undefined {
    const peer = this.#peer;
    if (peer === undefined || !this.takesStreams) return undefined;
    if (this.#streams.table.own >= peer.mostStreams) return undefined;
    const stream = this.#streams.open(now, peer.initialCredit, request);
    if (stream === undefined) return undefined;
    this.#streams.outbox.say({ type: "connect", stream: stream.id, limit: stream.receive.limit, request });
    return stream.id;
  }

  /** The application's connection is there. */
  accept(id: StreamId): void {
    const stream = this.#streams.table.get(id);
    if (stream?.phase.kind !== "asked") return;
    stream.phase = { kind: "open", isOwn: false };
    stream.receive.widen(this.#streams.budget.firstWindow - stream.receive.window);
    this.#streams.outbox.say({ type: "accept", stream: id, limit: stream.receive.limit });
  }

  /** How much may be written to it now. */
  room(id: StreamId): number {
    const stream = this.#streams.table.live(id);
    return stream === undefined ? 0 : Math.min(stream.send.room, this.#streams.kept.room);
  }

  /** Not more than there is room for. Up to `copiedLength` octets are copied, more belong to the stream from now on. */
  write(id: StreamId, octets: Uint8Array): void {
    const stream = this.#streams.table.live(id);
    if (stream === undefined || octets.length === 0) return;
    if (octets.length > this.#streams.kept.room) throw new InternalError("a session has no room for what was written");
    stream.send.write(octets);
    this.#streams.kept.add(octets.length);
    this.#streams.turns.note(stream);
  }

  /** Nothing more will be written. */
  finish(id: StreamId): void {
    const stream = this.#streams.table.live(id);
    if (stream === undefined) return;
    const before = stream.send.kept;
    stream.send.finish();
    this.#streams.kept.add(stream.send.kept - before);
    this.#streams.turns.note(stream);
  }

  /** Ends both directions, "aborted" behind what was written; nothing more is told of it. */
  reset(id: StreamId, reason: ResetReason): void {
    const stream = this.#streams.table.live(id);
    if (stream !== undefined) this.#streams.reset(stream, reason);
  }

  /** Whoever they are for has `count` more octets of it. */
  taken(now: Millis, id: StreamId, count: number): readonly SessionOutput[] {
    const stream = this.#streams.table.live(id);
    if (stream === undefined) return [];
    if (stream.receive.take(count)) {
      stream.receive.grant(now, this.#roundTrip, this.#config.largestWindow);
      this.#streams.outbox.credit(stream);
    }
    return this.#streams.closedNow(stream);
  }

  /** This end opens no more streams, and asks the peer for none. */
  goAway(reason: GoAwayReason): void {
    this.#goingAway = reason;
    this.#streams.outbox.say({ type: "go-away", reason });
  }

  receive(now: Millis, frame: StreamFrame): readonly SessionOutput[] {
    if (this.#isOver) return [];
    const outputs = this.#receive(now, frame);
    return this.#streams.kept.isFreed() ? [...outputs, ...this.#roomForAll()] : outputs;
  }

  /**
   * A copy, on the express lane, of what comes in its order on the other. What is new of it counts; what is not, or cannot be true yet,
   * means nothing.
   */
  receiveCopy(now: Millis, frame: CopiedFrame): readonly SessionOutput[] {
    if (this.#isOver) return [];
    const outputs = movedByCopy(this.#streams, this.copies, now, frame);
    return this.#streams.kept.isFreed() ? [...outputs, ...this.#roomForAll()] : outputs;
  }

  /**
   * What goes into the next record: `most` octets, or little more, but for frames that wait, of which there may be 128 KiB. Undefined
   * when there is nothing to send. Its parts are good until anything else is called.
   */
  take(now: Millis, most: number): Draft | undefined {
    const { turns, outbox } = this.#streams;
    if (turns.isEmpty && !outbox.isDue(now)) return undefined;
    const draft = new Draft();
    outbox.drain(draft);
    if (outbox.waiting === 0) turns.fill(draft, most);
    return draft.length === 0 ? undefined : draft;
  }

  /** While the lane takes nothing: what may go ahead on the express lane, as copies. As `take`. */
  takeAhead(): Draft | undefined {
    const draft = new Draft();
    this.#streams.turns.copyAhead(draft);
    return draft.length === 0 ? undefined : draft;
  }

  /** When `take` will have something, if nothing happens before. */
  deadline(): Millis | undefined {
    return this.#streams.outbox.deadline();
  }

  /** What this end has, for the first frame of a new lane. */
  state(): ResumeState {
    return this.#streams.table.state();
  }

  /** Octets that were sent and that the peer, by `state`, does not have: they are sent again. */
  sentBeyond({ streams }: ResumeState): number {
    let octets = 0;
    for (const { stream, received } of streams)
      octets += this.#streams.table.get(stream)?.send.sentBeyond(received) ?? 0;
    return octets;
  }

  /** The new lane carries the session from now on; `state` is what the peer has. */
  resume(state: ResumeState): readonly SessionOutput[] {
    const streams = this.#streams;
    streams.outbox.clear();
    const { outputs, gone } = resumed(this.#role, streams, state);
    const over = gone.flatMap((stream) => streams.gone(stream));
    if (this.#goingAway !== undefined) streams.outbox.say({ type: "go-away", reason: this.#goingAway });
    const closed = [...streams.table.all.values()].flatMap((stream) => streams.closedNow(stream));
    for (const stream of streams.table.all.values()) streams.turns.note(stream);
    return [...outputs, ...over, ...closed];
  }

  /** Every stream is over, and so is the session. */
  end(reason: ResetReason): readonly SessionOutput[] {
    this.#isOver = true;
    const outputs = [...this.#streams.table.all.values()].flatMap((stream) => this.#streams.over(stream, reason));
    this.#streams.outbox.clear();
    return outputs;
  }

  #receive(now: Millis, frame: StreamFrame): readonly SessionOutput[] {
    switch (frame.type) {
      case "connect":
        return this.#asks.open(now, frame, this.#goingAway !== undefined);
      case "go-away":
        this.#isPeerGoingAway = true;
        return [{ kind: "going-away", reason: frame.reason }];
      case "datagram":
        return [];
      case "reset":
      case "gone":
        if (!this.#streams.table.wasOpened(frame.stream)) return this.#unknown(frame.stream);
        return this.#asks.end(now, frame);
      default:
        return this.#onFrame(now, frame);
    }
  }

  #onFrame(now: Millis, frame: MovingFrame): readonly SessionOutput[] {
    const stream = this.#streams.table.get(frame.stream);
    if (stream === undefined) return this.#unknown(frame.stream);
    return moved(this.#streams, now, stream, frame);
  }

  #unknown(id: StreamId): readonly SessionOutput[] {
    const isPast = this.#streams.table.wasOpened(id);
    return isPast ? [] : broken(`the peer speaks of stream ${id}, which nobody has opened`);
  }

  #roomForAll(): readonly SessionOutput[] {
    const writable = [...this.streams.keys()].filter((id) => this.room(id) > 0);
    return writable.map((stream) => ({ kind: "room", stream }));
  }
}

/**
 * A session: the streams of two ends, and what they are owed, on whichever lane carries it now. It knows no sockets: frames come in,
 * drafts of records go out, and what happens to streams is told.
 */
import type { Millis } from "@ropewalk/kernel/units";
import type { Role } from "../handshake/message.ts";
import type { Frame, GoAwayReason, ResumeState, Settings, StreamId } from "../wire/frame.ts";
import type { ResetReason } from "../wire/reset-reason.ts";
import { type BudgetConfig, CreditBudget } from "./credit-budget.ts";
import { Draft } from "./draft.ts";
import { Outbox } from "./outbox.ts";
import { ReceiveHalf } from "./receive-half.ts";
import { goneOutput, resumed } from "./resumption.ts";
import { SendHalf } from "./send-half.ts";
import type { SessionOutput } from "./session-output.ts";
import type { Stream } from "./stream.ts";
import { StreamTable } from "./stream-table.ts";
import { Turns } from "./turns.ts";

export const sessionVersion = 1;

export interface SessionConfig extends BudgetConfig {
  /** Octets that one stream may have waiting at most. */
  readonly largestWindow: number;
}

/** The frames that are about streams; the others are of the lane. */
export type StreamFrame = Exclude<
  Frame,
  { readonly type: "start" | "started" | "resume" | "resumed" | "unknown" | "ping" | "pong" | "key-update" }
>;

export class Session {
  readonly #config: SessionConfig;
  readonly #budget: CreditBudget;
  readonly #streams: StreamTable;
  readonly #outbox = new Outbox();
  readonly #turns = new Turns();
  #peer: Settings | undefined;
  #isGoingAway = false;
  #isPeerGoingAway = false;
  #roundTrip: Millis | undefined;

  constructor(role: Role, config: SessionConfig) {
    this.#config = config;
    this.#budget = new CreditBudget(config);
    this.#streams = new StreamTable(role);
  }

  /** What this end tells the other at the start. */
  get settings(): Settings {
    return {
      version: sessionVersion,
      initialCredit: this.#budget.initialCredit,
      mostStreams: this.#config.mostStreams,
    };
  }

  /** Streams that are not over. */
  get streams(): ReadonlyMap<StreamId, Stream> {
    return this.#streams.all;
  }

  /** Octets that the peer was promised memory for. */
  get promised(): number {
    return this.#budget.promised;
  }

  /** The other end's, without which nothing can be opened. */
  begin(peer: Settings): void {
    this.#peer = peer;
  }

  /** As it was measured last; windows grow by it. */
  set roundTrip(roundTrip: Millis) {
    this.#roundTrip = roundTrip;
  }

  /** Whether something was sent, or waits to be, that the peer has not acknowledged. */
  get isExpecting(): boolean {
    for (const { send } of this.#streams.all.values()) if (send.isOutstanding) return true;
    return false;
  }

  /** Undefined when either end takes no more streams, or the session has not begun. */
  open(now: Millis, request: Uint8Array): StreamId | undefined {
    const peer = this.#peer;
    if (peer === undefined || this.#isGoingAway || this.#isPeerGoingAway) return undefined;
    if (this.#streams.own >= peer.mostStreams) return undefined;
    const receive = this.#receiveHalf(now);
    if (receive === undefined) return undefined;
    receive.widen(this.#budget.firstWindow - receive.window);
    const send = new SendHalf(peer.initialCredit);
    const stream = this.#streams.open(send, receive, { kind: "asking", request });
    this.#outbox.say({ type: "connect", stream: stream.id, limit: receive.limit, request });
    return stream.id;
  }

  /** The application's connection is there. */
  accept(id: StreamId): void {
    const stream = this.#streams.get(id);
    if (stream?.phase.kind !== "asked") return;
    stream.phase = { kind: "open", isOwn: false };
    stream.receive.widen(this.#budget.firstWindow - stream.receive.window);
    this.#outbox.say({ type: "accept", stream: id, limit: stream.receive.limit });
  }

  /** How much may be written to it now. */
  room(id: StreamId): number {
    return this.#streams.live(id)?.send.room ?? 0;
  }

  /** Not more than there is room for. Up to `copiedLength` octets are copied, more belong to the stream from now on. */
  write(id: StreamId, octets: Uint8Array): void {
    const stream = this.#streams.live(id);
    if (stream === undefined) return;
    stream.send.write(octets);
    this.#turns.note(stream);
  }

  /** Nothing more will be written. */
  finish(id: StreamId): void {
    const stream = this.#streams.live(id);
    if (stream === undefined) return;
    stream.send.finish();
    this.#turns.note(stream);
  }

  /** Ends both directions at once; nothing more is told of it. */
  reset(id: StreamId, reason: ResetReason): void {
    const stream = this.#streams.live(id);
    if (stream === undefined) return;
    stream.phase = { kind: "resetting", reason };
    this.#outbox.forget(stream);
    this.#outbox.say({ type: "reset", stream: id, reason });
  }

  /** Whoever they are for has `count` more octets of it. */
  taken(now: Millis, id: StreamId, count: number): readonly SessionOutput[] {
    const stream = this.#streams.live(id);
    if (stream === undefined) return [];
    if (stream.receive.take(count)) {
      stream.receive.grant(now, this.#roundTrip, this.#config.largestWindow);
      this.#outbox.credit(stream);
    }
    return this.#closedNow(stream);
  }

  /** This end opens no more streams, and asks the peer for none. */
  goAway(reason: GoAwayReason): void {
    this.#isGoingAway = true;
    this.#outbox.say({ type: "go-away", reason });
  }

  receive(now: Millis, frame: StreamFrame): readonly SessionOutput[] {
    switch (frame.type) {
      case "connect":
        return this.#onConnect(now, frame.stream, frame.limit, frame.request);
      case "go-away":
        this.#isPeerGoingAway = true;
        return [{ kind: "going-away", reason: frame.reason }];
      case "datagram":
        return [];
      case "reset":
      case "gone":
        return this.#onEnd(frame);
      default:
        return this.#onFrame(now, frame);
    }
  }

  /** What goes into the next record, `most` octets or a little more; undefined when there is nothing to send. */
  take(now: Millis, most: number): Draft | undefined {
    if (this.#turns.isEmpty && !this.#outbox.isDue(now)) return undefined;
    const draft = new Draft();
    this.#outbox.drain(draft);
    this.#turns.fill(draft, most);
    return draft.length === 0 ? undefined : draft;
  }

  /** When `take` will have something, if nothing happens before. */
  deadline(): Millis | undefined {
    return this.#outbox.deadline();
  }

  /** What this end has, for the first frame of a new lane. */
  state(): ResumeState {
    return this.#streams.state();
  }

  /** Octets that were sent and that the peer, by `state`, does not have: they are sent again. */
  sentBeyond({ streams }: ResumeState): number {
    let octets = 0;
    for (const { stream, received } of streams) octets += this.#streams.get(stream)?.send.sentBeyond(received) ?? 0;
    return octets;
  }

  /** The new lane carries the session from now on; `state` is what the peer has. */
  resume(state: ResumeState): readonly SessionOutput[] {
    this.#outbox.clear();
    this.#turns.clear();
    const { outputs, forgotten } = resumed(this.#streams, state, this.#outbox);
    for (const stream of forgotten) this.#forget(stream);
    if (this.#isGoingAway) this.#outbox.say({ type: "go-away", reason: "stopping" });
    const closed = [...this.#streams.all.values()].flatMap((stream) => this.#closedNow(stream));
    for (const stream of this.#streams.all.values()) this.#turns.note(stream);
    return [...outputs, ...closed];
  }

  /** Every stream is over. */
  end(reason: ResetReason): readonly SessionOutput[] {
    const outputs: SessionOutput[] = [];
    for (const stream of [...this.#streams.all.values()]) {
      if (stream.phase.kind !== "resetting") outputs.push({ kind: "reset", stream: stream.id, reason });
      this.#forget(stream);
    }
    this.#outbox.clear();
    this.#turns.clear();
    return outputs;
  }

  #onConnect(now: Millis, id: StreamId, limit: number, request: Uint8Array): readonly SessionOutput[] {
    if (this.#streams.isOwn(id)) return broken(`the peer opens stream ${id}, whose number is ours to give`);
    if (this.#streams.wasOpened(id)) return [];
    this.#streams.pass(id);
    const receive = this.#isGoingAway ? undefined : this.#receiveHalf(now);
    if (receive === undefined) {
      this.#outbox.say({ type: "reset", stream: id, reason: this.#isGoingAway ? "going-away" : "too-many" });
      return [];
    }
    this.#streams.add(id, new SendHalf(limit), receive, { kind: "asked" });
    return [{ kind: "asked", stream: id, request }];
  }

  #onFrame(
    now: Millis,
    frame: StreamFrame & { readonly type: "accept" | "data" | "credit" | "ack" | "fin" },
  ): readonly SessionOutput[] {
    const stream = this.#streams.get(frame.stream);
    if (stream === undefined) return this.#unknown(frame.stream);
    // What comes for a stream that this end has reset is passed over.
    if (stream.phase.kind === "resetting") return [];
    switch (frame.type) {
      case "accept":
        return this.#onAccept(stream, frame.limit);
      case "data":
        return this.#onData(now, stream, frame.offset, frame.octets);
      case "fin":
        return this.#onFin(now, stream, frame.offset);
      case "credit":
        return this.#onCredit(stream, frame.limit);
      case "ack":
        if (!stream.send.acknowledge(frame.received)) return broken("the peer has octets that were never sent");
        return this.#closedNow(stream);
    }
  }

  #onAccept(stream: Stream, limit: number): readonly SessionOutput[] {
    if (!this.#streams.isOwn(stream.id)) return broken(`the peer accepts stream ${stream.id}, which it opened itself`);
    const wasAsking = stream.phase.kind === "asking";
    if (wasAsking) stream.phase = { kind: "open", isOwn: true };
    const room = this.#onCredit(stream, limit);
    return wasAsking ? [{ kind: "accepted", stream: stream.id }, ...room] : room;
  }

  #onData(now: Millis, stream: Stream, offset: number, octets: Uint8Array): readonly SessionOutput[] {
    const arrival = stream.receive.arrive(offset, octets);
    switch (arrival.kind) {
      case "new":
        this.#outbox.acknowledge(now, stream);
        return [{ kind: "deliver", stream: stream.id, octets: arrival.octets }];
      case "known":
        return [];
      case "gap":
        return broken(`octets of stream ${stream.id} are missing`);
      case "broken":
        return broken(`the peer sent more of stream ${stream.id} than it may`);
    }
  }

  #onFin(now: Millis, stream: Stream, offset: number): readonly SessionOutput[] {
    switch (stream.receive.end(offset)) {
      case "new":
        this.#outbox.acknowledge(now, stream);
        return [{ kind: "ended", stream: stream.id }, ...this.#closedNow(stream)];
      case "known":
        return [];
      case "gap":
      case "broken":
        return broken(`stream ${stream.id} ends where it cannot`);
    }
  }

  #onCredit(stream: Stream, limit: number): readonly SessionOutput[] {
    stream.send.allow(limit);
    this.#turns.note(stream);
    return [{ kind: "room", stream: stream.id }];
  }

  #onEnd(frame: StreamFrame & { readonly type: "reset" | "gone" }): readonly SessionOutput[] {
    const { stream: id } = frame;
    const stream = this.#streams.get(id);
    if (stream === undefined && !this.#streams.wasOpened(id)) return this.#unknown(id);
    if (frame.type === "reset") this.#outbox.say({ type: "gone", stream: id });
    if (stream === undefined) return [];
    const wasResetting = stream.phase.kind === "resetting";
    this.#forget(stream);
    if (wasResetting) return [];
    return [frame.type === "reset" ? { kind: "reset", stream: id, reason: frame.reason } : goneOutput(stream)];
  }

  #unknown(id: StreamId): readonly SessionOutput[] {
    return this.#streams.wasOpened(id) ? [] : broken(`the peer speaks of stream ${id}, which nobody has opened`);
  }

  /** With both ends taken there is nothing left to wait for. */
  #closedNow(stream: Stream): readonly SessionOutput[] {
    if (!stream.send.isTaken || !stream.receive.isTaken) return [];
    if (stream.receive.unacknowledged > 0)
      this.#outbox.say({ type: "ack", stream: stream.id, received: stream.receive.acknowledge() });
    this.#forget(stream);
    return [{ kind: "closed", stream: stream.id }];
  }

  #forget(stream: Stream): void {
    stream.phase = { kind: "over" };
    stream.receive.release();
    this.#outbox.forget(stream);
    this.#streams.remove(stream.id);
  }

  #receiveHalf(now: Millis): ReceiveHalf | undefined {
    const window = this.#budget.open();
    return window === undefined ? undefined : new ReceiveHalf(now, window, this.#budget);
  }
}

function broken(why: string): readonly SessionOutput[] {
  return [{ kind: "broken", why }];
}

/**
 * Carries a session: on one side the lane that it has now, on the other the applications' connections. What the session tells is done
 * here, and whatever it has to send is sent as soon as the lane takes it.
 */
import type { TcpConnection } from "@ropewalk/host/tcp";
import type { Clock } from "@ropewalk/kernel/clock";
import { Alarm } from "./alarm.ts";
import { type CarriedStream, CarriedStreams, type StreamsOwner, type StreamTotals } from "./carried-streams.ts";
import { Express, type ExpressChange } from "./express.ts";
import type { Lane } from "./io/lane.ts";
import type { PipedStream } from "./io/pipe.ts";
import type { ReadSlab } from "./io/read-slab.ts";
import type { CopiedFrame } from "./pure/session/incoming.ts";
import type { Session, StreamFrame } from "./pure/session/session.ts";
import type { SessionOutput } from "./pure/session/session-output.ts";
import type { GoAwayReason, ResumeState, StreamId } from "./pure/wire/frame.ts";
import type { ResetReason } from "./pure/wire/reset-reason.ts";
import type { Tally } from "./tally.ts";

export interface CarrierDeps {
  readonly clock: Clock;
  readonly slab: ReadSlab;
  readonly tally: Tally;
}

export interface CarrierOwner extends StreamsOwner {
  /** The peer opens a stream: answered by `accept` or `refuse`. */
  readonly onAsked: (stream: StreamId, request: Uint8Array) => void;
  readonly onGoingAway: (reason: GoAwayReason) => void;
  /** The peer does what it may not. */
  readonly onBroken: (why: string) => void;
  readonly onExpress: (change: ExpressChange) => void;
}

export class Carrier {
  readonly session: Session;
  /** Of the lane that carries it now, and gone with it. */
  readonly express: Express;
  readonly #owner: CarrierOwner;
  readonly #clock: Clock;
  readonly #tally: Tally;
  readonly #streams: CarriedStreams;
  readonly #alarm: Alarm;
  readonly #outputs: SessionOutput[] = [];
  #lane: Lane | undefined;
  #isPerforming = false;
  #isOver = false;

  constructor(session: Session, owner: CarrierOwner, { clock, slab, tally }: CarrierDeps) {
    this.session = session;
    const onCopies = (frames: readonly CopiedFrame[]) => this.#receiveCopies(frames);
    this.express = new Express(session.copies, { onCopies, onChange: owner.onExpress });
    this.#owner = owner;
    this.#clock = clock;
    this.#tally = tally;
    this.#streams = new CarriedStreams(owner, slab, tally);
    this.#alarm = new Alarm(clock, "acknowledgements of a session", () => this.pump());
  }

  get lane(): Lane | undefined {
    return this.#lane;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get streams(): ReadonlyMap<StreamId, CarriedStream> {
    return this.#streams.all;
  }

  /** Streams of which an end is still owed something: those that it has, and those that were aborted and have octets to send before that. */
  get unfinished(): number {
    return this.#streams.all.size + this.session.leaving;
  }

  /** Since it began. */
  get totals(): StreamTotals {
    return this.#streams.totals;
  }

  /** From now on `lane` carries it. `state`: what the peer has of it; undefined where it has just begun. Returns how many octets are sent again. */
  use(lane: Lane, state?: ResumeState): number {
    if (this.#isOver) return 0;
    this.#lane = lane;
    this.express[Symbol.dispose]();
    const resent = state === undefined ? 0 : this.session.sentBeyond(state);
    this.#tally.resentOctets += resent;
    if (state !== undefined) this.#perform(this.session.resume(state));
    this.pump();
    return resent;
  }

  /** Nothing carries it until another does. */
  lose(): void {
    this.#lane = undefined;
    this.express[Symbol.dispose]();
  }

  /** Frames that have come, on this lane or on one before it. */
  receive(frames: readonly StreamFrame[]): void {
    if (this.#isOver) return;
    const now = this.#clock.now();
    const roundTrip = this.#lane?.roundTrip;
    if (roundTrip !== undefined) this.session.roundTrip = roundTrip;
    this.express.noteReceived(now, frames);
    for (const frame of frames) {
      this.#perform(this.session.receive(now, frame));
      // What stands behind a fault is for nobody.
      if (this.#isOver) return;
    }
    this.pump();
  }

  /** A stream for an application's connection, which it takes over. False: neither end takes more, and the connection is reset. */
  open(request: Uint8Array, connection: TcpConnection): StreamId | undefined {
    const id = this.#isOver ? undefined : this.session.open(this.#clock.now(), request);
    if (id === undefined) {
      connection.reset();
      return undefined;
    }
    const stream = this.#add(id, request);
    stream.remote = remoteOf(connection);
    stream.pipe.attach(connection);
    this.pump();
    return id;
  }

  /** The connection that a stream of the peer's was to have. */
  accept(id: StreamId, connection: TcpConnection): void {
    const stream = this.streams.get(id);
    if (stream === undefined) {
      connection.reset();
      return;
    }
    stream.remote = remoteOf(connection);
    this.#streams.opened(id);
    this.session.accept(id);
    stream.pipe.attach(connection);
    this.pump();
  }

  /** A stream of the peer's that gets no connection, or one that may not go on. */
  reset(id: StreamId, reason: ResetReason): void {
    if (!this.streams.has(id)) return;
    this.session.reset(id, reason);
    this.#streams.end(id, { kind: "reset", by: "us", reason });
    this.pump();
  }

  /** This end opens no more streams, and asks the peer for none. */
  goAway(reason: GoAwayReason): void {
    this.session.goAway(reason);
    this.pump();
  }

  /** Every stream is reset, and nothing is carried any more. The lane is its owner's. */
  end(reason: ResetReason): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#lane = undefined;
    this.express[Symbol.dispose]();
    this.#alarm[Symbol.dispose]();
    this.#outputs.length = 0;
    this.session.end(reason);
    this.#streams.endAll(reason);
  }

  /** Sends what there is to send, as far as the lane takes it. */
  pump(): void {
    const lane = this.#lane;
    // Whatever is being done ends with this, and what comes of all of it goes together.
    if (lane === undefined || this.#isPerforming) return;
    const now = this.#clock.now();
    while (lane.isWritable) {
      const draft = this.session.take(now, lane.recordLength);
      if (draft === undefined) {
        lane.rest();
        break;
      }
      this.express.send(now, draft);
      lane.send(draft);
    }
    if (!lane.isWritable) this.express.sendAhead(now, this.session);
    lane.expect(this.session.isExpecting);
    this.#alarm.set(this.session.deadline());
  }

  #receiveCopies(frames: readonly CopiedFrame[]): void {
    const now = this.#clock.now();
    for (const frame of frames) this.#perform(this.session.receiveCopy(now, frame));
    this.pump();
  }

  #add(id: StreamId, request: Uint8Array): CarriedStream {
    return this.#streams.add(id, request, this.#streamOf(id), this.#clock.wall());
  }

  #streamOf(id: StreamId): PipedStream {
    return {
      room: () => this.session.room(id),
      write: (octets) => {
        this.session.write(id, octets);
        this.#streams.sent(octets.length);
        this.pump();
      },
      finish: () => {
        this.session.finish(id);
        this.pump();
      },
      abort: () => this.reset(id, "aborted"),
      taken: (count) => {
        this.#perform(this.session.taken(this.#clock.now(), id, count));
        this.pump();
      },
    };
  }

  /** What comes of doing one thing is done after it. */
  #perform(outputs: readonly SessionOutput[]): void {
    this.#outputs.push(...outputs);
    if (this.#isPerforming) return;
    this.#isPerforming = true;
    try {
      for (let output = this.#outputs.shift(); output !== undefined; output = this.#outputs.shift()) this.#do(output);
    } finally {
      this.#isPerforming = false;
    }
  }

  #do(output: SessionOutput): void {
    switch (output.kind) {
      case "deliver":
        this.#streams.received(output.octets.length);
        this.#streams.pipe(output.stream)?.deliver(output.octets);
        return;
      case "room":
        this.#streams.pipe(output.stream)?.resume();
        return;
      case "ended":
        this.#streams.pipe(output.stream)?.end();
        return;
      case "asked":
        // A view of a record that will be another's.
        this.#add(output.stream, output.request.slice());
        this.#owner.onAsked(output.stream, output.request.slice());
        return;
      case "accepted":
        this.#streams.opened(output.stream);
        return;
      case "closed":
        this.#streams.end(output.stream, { kind: "closed" });
        return;
      case "reset":
        this.#streams.end(output.stream, { kind: "reset", by: "peer", reason: output.reason });
        return;
      case "going-away":
        this.#owner.onGoingAway(output.reason);
        return;
      case "broken":
        this.#owner.onBroken(output.why);
        return;
    }
  }
}

function remoteOf({ remote }: TcpConnection): string {
  return `${remote.address} ${remote.port}`;
}

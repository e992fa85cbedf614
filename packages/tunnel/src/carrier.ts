/**
 * Carries a session: on one side the lane that it has now, on the other the applications' connections. What the session tells is done
 * here, and whatever it has to send is sent as soon as the lane takes it.
 */
import type { TcpConnection } from "@ropewalk/host/tcp";
import type { Clock } from "@ropewalk/kernel/clock";
import { Alarm } from "./alarm.ts";
import { Express } from "./express.ts";
import type { Lane } from "./io/lane.ts";
import { Pipe, type PipedStream } from "./io/pipe.ts";
import type { ReadSlab } from "./io/read-slab.ts";
import type { CopiedFrame, Session, StreamFrame } from "./pure/session/session.ts";
import type { SessionOutput } from "./pure/session/session-output.ts";
import type { GoAwayReason, ResumeState, StreamId } from "./pure/wire/frame.ts";
import type { ResetReason } from "./pure/wire/reset-reason.ts";
import type { Tally } from "./tally.ts";

export interface CarrierDeps {
  readonly clock: Clock;
  readonly slab: ReadSlab;
  readonly tally: Tally;
}

export interface CarrierOwner {
  /** The peer opens a stream: answered by `accept` or `refuse`. */
  readonly onAsked: (stream: StreamId, request: Uint8Array) => void;
  /** `stream` never had both its connections. */
  readonly onRefused: (id: StreamId, stream: CarriedStream, how: StreamEnd & { readonly kind: "reset" }) => void;
  /** Of those that were refused, too. */
  readonly onOver: (stream: StreamId) => void;
  readonly onGoingAway: (reason: GoAwayReason) => void;
  /** The peer does what it may not. */
  readonly onBroken: (why: string) => void;
}

/** How a stream ended: `closed` in both directions as its applications wished, or reset, by which end and why. */
export type StreamEnd =
  | { readonly kind: "closed" }
  | { readonly kind: "reset"; readonly by: "us" | "peer"; readonly reason: ResetReason };

export interface CarriedStream {
  readonly pipe: Pipe;
  readonly request: Uint8Array;
  /** Of the application's connection, once there is one. */
  remote: string | undefined;
  /** Both its connections are there. */
  isOpen: boolean;
  /** Milliseconds since 1970. */
  readonly since: number;
}

export class Carrier {
  readonly session: Session;
  /** Of the lane that carries it now, and gone with it. */
  readonly express: Express;
  readonly #owner: CarrierOwner;
  readonly #clock: Clock;
  readonly #slab: ReadSlab;
  readonly #tally: Tally;
  readonly #streams = new Map<StreamId, CarriedStream>();
  readonly #alarm: Alarm;
  readonly #outputs: SessionOutput[] = [];
  readonly #totals = { opened: 0, refused: 0, sent: 0, received: 0 };
  #lane: Lane | undefined;
  #isPerforming = false;
  #isOver = false;

  constructor(session: Session, owner: CarrierOwner, { clock, slab, tally }: CarrierDeps) {
    this.session = session;
    this.express = new Express((frames) => this.#receiveCopies(frames));
    this.#owner = owner;
    this.#clock = clock;
    this.#slab = slab;
    this.#tally = tally;
    this.#alarm = new Alarm(clock, "acknowledgements of a session", () => this.pump());
  }

  get lane(): Lane | undefined {
    return this.#lane;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get streams(): ReadonlyMap<StreamId, CarriedStream> {
    return this.#streams;
  }

  /** Since it began: streams, and octets of streams, each counted once. */
  get totals(): {
    readonly opened: number;
    readonly refused: number;
    readonly sent: number;
    readonly received: number;
  } {
    return this.#totals;
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
    this.#add(id, request).remote = remoteOf(connection);
    this.#streams.get(id)?.pipe.attach(connection);
    this.pump();
    return id;
  }

  /** The connection that a stream of the peer's was to have. */
  accept(id: StreamId, connection: TcpConnection): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      connection.reset();
      return;
    }
    stream.remote = remoteOf(connection);
    this.#opened(stream);
    this.session.accept(id);
    stream.pipe.attach(connection);
    this.pump();
  }

  /** A stream of the peer's that gets no connection, or one that may not go on. */
  reset(id: StreamId, reason: ResetReason): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    this.session.reset(id, reason);
    this.#end(id, { kind: "reset", by: "us", reason });
    stream.pipe.reset();
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
    for (const [id, { pipe }] of [...this.#streams]) {
      this.#end(id, { kind: "reset", by: "us", reason });
      pipe.reset();
    }
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
    const pipe = new Pipe(this.#streamOf(id), this.#slab);
    const stream: CarriedStream = {
      ...{ pipe, request, remote: undefined, isOpen: false },
      since: this.#clock.wall(),
    };
    this.#streams.set(id, stream);
    return stream;
  }

  #streamOf(id: StreamId): PipedStream {
    return {
      room: () => this.session.room(id),
      write: (octets) => {
        this.session.write(id, octets);
        this.#totals.sent += octets.length;
        this.#tally.octetsSent += octets.length;
        this.pump();
      },
      finish: () => {
        this.session.finish(id);
        this.pump();
      },
      abort: () => {
        if (!this.#streams.has(id)) return;
        this.session.reset(id, "aborted");
        this.#end(id, { kind: "reset", by: "us", reason: "aborted" });
        this.pump();
      },
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
        this.#totals.received += output.octets.length;
        this.#tally.octetsReceived += output.octets.length;
        this.#streams.get(output.stream)?.pipe.deliver(output.octets);
        return;
      case "room":
        this.#streams.get(output.stream)?.pipe.resume();
        return;
      case "ended":
        this.#streams.get(output.stream)?.pipe.end();
        return;
      case "asked":
        // A view of a record that will be another's.
        this.#add(output.stream, output.request.slice());
        this.#owner.onAsked(output.stream, output.request.slice());
        return;
      case "accepted": {
        const stream = this.#streams.get(output.stream);
        if (stream !== undefined) this.#opened(stream);
        return;
      }
      case "closed":
        this.#end(output.stream, { kind: "closed" });
        return;
      case "reset": {
        const stream = this.#streams.get(output.stream);
        this.#end(output.stream, { kind: "reset", by: "peer", reason: output.reason });
        stream?.pipe.reset();
        return;
      }
      case "going-away":
        this.#owner.onGoingAway(output.reason);
        return;
      case "broken":
        this.#owner.onBroken(output.why);
        return;
    }
  }

  #opened(stream: CarriedStream): void {
    stream.isOpen = true;
    this.#totals.opened += 1;
    this.#tally.streamsOpened += 1;
  }

  #end(id: StreamId, how: StreamEnd): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    this.#streams.delete(id);
    if (stream.isOpen || how.kind === "closed") this.#tally.over(how);
    else {
      this.#totals.refused += 1;
      this.#tally.refused(how.reason);
      this.#owner.onRefused(id, stream, how);
    }
    this.#owner.onOver(id);
  }
}

function remoteOf({ remote }: TcpConnection): string {
  return `${remote.address} ${remote.port}`;
}

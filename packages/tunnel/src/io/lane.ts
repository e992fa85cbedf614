/**
 * A lane on its TCP connection: records in, records out, the heartbeat, and when its key changes. It ends once, and says why; what its
 * frames mean is for others.
 */
import type { TcpConnection } from "@ropewalk/host/tcp";
import type { Clock } from "@ropewalk/kernel/clock";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { Alarm } from "../alarm.ts";
import { otherOf } from "../pure/handshake/handshake-state.ts";
import type { Role } from "../pure/handshake/message.ts";
import { Heartbeat, type HeartbeatConfig } from "../pure/lane/heartbeat.ts";
import type { RecordCrypto } from "../pure/lane/key-chain.ts";
import type { LaneSecrets } from "../pure/lane/lane-keys.ts";
import { LaneReader } from "../pure/lane/lane-reader.ts";
import { Pace } from "../pure/lane/pace.ts";
import { RecordOpener } from "../pure/lane/record-opener.ts";
import { type KeyLimits, RecordSealer } from "../pure/lane/record-sealer.ts";
import type { LaneLoss } from "../pure/reach/reach-state.ts";
import type { Draft } from "../pure/session/draft.ts";
import { encodeFrame } from "../pure/wire/encode-frame.ts";
import type { DataFrame, Frame } from "../pure/wire/frame.ts";
import type { LaneStatus } from "../status.ts";
import type { Tally } from "../tally.ts";
import { LaneCounts } from "./lane-counts.ts";
import { isLaneFrame, type LaneOwner, type SessionFrame } from "./lane-owner.ts";

export interface LaneConfig {
  readonly heartbeat: HeartbeatConfig;
  readonly rekey: KeyLimits;
}

export interface LaneDeps {
  readonly clock: Clock;
  readonly crypto: RecordCrypto;
  readonly tally: Tally;
}

/** What its opening has brought besides keys. */
export interface LaneOpening {
  /** Read of the connection behind it. */
  readonly early?: Uint8Array;
  readonly roundTrip?: Millis;
  /** To be sent before all records. */
  readonly welcome?: Uint8Array;
}

export class Lane implements Disposable {
  readonly #connection: TcpConnection;
  readonly #clock: Clock;
  readonly #since: number;
  readonly #config: LaneConfig;
  readonly #sealer: RecordSealer;
  readonly #opener: RecordOpener;
  readonly #reader: LaneReader;
  readonly #heartbeat: Heartbeat;
  readonly #pace = new Pace();
  readonly #alarm: Alarm;
  readonly #welcome: Uint8Array;
  readonly #counts: LaneCounts;
  /** Frames that were said and wait for it to be writable. */
  #urgent: Uint8Array[] = [];
  /** Of the last ping that was not answered: an answer to it answers all before it. */
  #pinged: Uint8Array | undefined;
  #owner: LaneOwner | undefined;
  #isWritable = true;
  #isOver = false;
  #bound = 0;

  /** Takes the connection over, and is started with `start`. */
  constructor(
    connection: TcpConnection,
    role: Role,
    secrets: LaneSecrets,
    config: LaneConfig,
    { clock, crypto, tally }: LaneDeps,
    opening: LaneOpening = {},
  ) {
    this.#connection = connection;
    this.#clock = clock;
    this.#counts = new LaneCounts(tally);
    this.#since = clock.wall();
    this.#config = config;
    this.#sealer = new RecordSealer(crypto, secrets[role], clock.now());
    this.#opener = new RecordOpener(crypto, secrets[otherOf(role)]);
    this.#reader = new LaneReader(this.#opener);
    this.#reader.take(opening.early ?? new Uint8Array());
    this.#welcome = opening.welcome ?? new Uint8Array();
    this.#heartbeat = new Heartbeat(clock.now(), config.heartbeat, opening.roundTrip);
    this.#alarm = new Alarm(clock, "heartbeat of a lane", () => this.#onAlarm());
  }

  get isWritable(): boolean {
    return this.#isWritable && !this.#isOver;
  }

  /** Octets that the next record should not exceed. */
  get recordLength(): number {
    return this.#pace.record;
  }

  /** Smoothed; undefined before the first ping was answered. */
  get roundTrip(): Millis | undefined {
    return this.#heartbeat.rtt;
  }

  /** As the kernel has it; undefined where it does not say. */
  get leastRoundTrip(): Millis | undefined {
    const micros = this.#isOver ? undefined : this.#connection.info()?.minRttMicroseconds;
    return micros === undefined ? undefined : millis(micros / 1000);
  }

  /** `path`: by which it goes, where anybody manages paths. */
  status(path: LaneStatus["path"] = null): LaneStatus {
    const { remote, local } = this.#connection;
    return {
      since: this.#since,
      remote: `${remote.address} ${remote.port}`,
      local: `${local.address} ${local.port}`,
      path,
      rttMs: this.#heartbeat.rtt ?? null,
      ...this.#counts.status,
      retransmits: this.#isOver ? null : (this.#connection.info()?.retransmits ?? null),
    };
  }

  /** From now on frames are told. */
  start(owner: LaneOwner): void {
    this.#owner = owner;
    this.#connection.start({
      room: () => this.#reader.room(),
      onOctets: (octets) => this.#onOctets(octets.length),
      onEnd: () => this.#lose({ kind: "closed", code: "ended" }),
      onWritable: () => this.#onWritable(),
      onClosed: (how) => this.#lose({ kind: "closed", code: how.kind === "failed" ? how.code : "ended" }),
    });
    if (this.#welcome.length > 0) this.#isWritable = this.#connection.write([this.#welcome]);
    this.#setAlarm();
    this.#read();
  }

  /** Another takes over what is told. */
  giveTo(owner: LaneOwner): void {
    this.#owner = owner;
  }

  /** One frame in a record of its own, before all others. */
  say(frame: Exclude<Frame, DataFrame>): void {
    this.#urgent.push(encodeFrame(frame));
    this.#flush();
  }

  /** Only while it is writable. */
  send(draft: Draft): void {
    this.#write(this.#sealer.seal(draft.parts, draft.length), draft.length);
  }

  /** The session waits for an answer of the peer, or does not. */
  expect(isExpecting: boolean): void {
    if (isExpecting) this.#heartbeat.expecting(this.#clock.now());
    else this.#heartbeat.settled();
    this.#setAlarm();
  }

  /** There is nothing more to send at the moment. */
  rest(): void {
    this.#pace.rest();
  }

  /** What was written is still sent; nothing more is told. */
  close(): void {
    if (this.#isOver) return;
    this.#end();
    this.#connection.finish();
    this.#connection[Symbol.dispose]();
  }

  /** At once, and without what is unsent; nothing more is told. */
  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#end();
    this.#connection.reset();
  }

  #onOctets(length: number): void {
    this.#counts.octetsReceived(length);
    this.#heartbeat.heard(this.#clock.now());
    this.#reader.filled(length);
    this.#read();
  }

  #read(): void {
    while (!this.#isOver && this.#owner !== undefined) {
      const opened = this.#reader.next();
      if (opened === undefined) return;
      if (typeof opened === "string") {
        if (opened === "broken") this.#lose({ kind: "broken", detail: "a record did not open" });
        else this.#give((owner) => owner.onBroken("a record held no frames"));
        return;
      }
      this.#counts.recordReceived();
      this.#owner.onFrames(this.#answered(opened));
    }
  }

  /** Those that are not the lane's own. */
  #answered(frames: readonly Frame[]): readonly SessionFrame[] {
    if (!frames.some(isLaneFrame)) return frames as readonly SessionFrame[];
    for (const frame of frames) {
      if (frame.type === "key-update") this.#counts.keyFollowed();
      if (frame.type === "ping") this.#pinged = frame.token.slice();
      if (frame.type === "pong") this.#heartbeat.ponged(this.#clock.now(), frame.token);
    }
    this.#flush();
    return frames.filter((frame): frame is SessionFrame => !isLaneFrame(frame));
  }

  #flush(): void {
    if (!this.#isWritable || this.#isOver) return;
    if (this.#pinged !== undefined) this.#urgent.push(encodeFrame({ type: "pong", token: this.#pinged }));
    this.#pinged = undefined;
    if (this.#urgent.length === 0) return;
    const parts = this.#urgent;
    this.#urgent = [];
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    this.#write(this.#sealer.seal(parts, length), length);
  }

  #write(record: readonly Uint8Array[], length: number): void {
    const now = this.#clock.now();
    this.#counts.recordSent(length);
    this.#setBound();
    this.#isWritable = this.#connection.write(record);
    this.#pace.gave(now, length, this.#isWritable);
    this.#updateWhenDue(now);
  }

  /** Behind a record that the kernel has taken: what was sealed before it must not lie where it is sealed. */
  #updateWhenDue(now: Millis): void {
    if (!this.#isWritable || !this.#sealer.isDue(this.#config.rekey, now)) return;
    this.#counts.keyChanged();
    this.#isWritable = this.#connection.write(this.#sealer.update(now));
  }

  #setBound(): void {
    const bound = this.#pace.unsent;
    if (bound === this.#bound) return;
    this.#bound = bound;
    this.#connection.boundUnsent(bound);
  }

  #onWritable(): void {
    this.#isWritable = true;
    const now = this.#clock.now();
    this.#pace.taken(now, this.#connection.unsent());
    this.#updateWhenDue(now);
    this.#flush();
    if (this.isWritable) this.#owner?.onWritable();
  }

  #onAlarm(): void {
    for (const output of this.#heartbeat.expire(this.#clock.now())) {
      if (output.kind === "ping") this.say({ type: "ping", token: output.token });
      else this.#lose({ kind: "heartbeat", silence: output.silence, missed: output.missed });
    }
    this.#reader.shrink();
    this.#setAlarm();
  }

  #setAlarm(): void {
    if (!this.#isOver) this.#alarm.set(this.#heartbeat.deadline());
  }

  #lose(why: LaneLoss): void {
    this.#give((owner) => owner.onLost(why));
  }

  /** It is over, and its owner hears that as the last of it. */
  #give(word: (owner: LaneOwner) => void): void {
    if (this.#isOver) return;
    this.#end();
    this.#connection.reset();
    if (this.#owner !== undefined) word(this.#owner);
  }

  #end(): void {
    this.#isOver = true;
    this.#alarm[Symbol.dispose]();
    this.#sealer.erase();
    this.#opener.erase();
  }
}

/**
 * One session at its destination: which lane carries it, whether the peer is there, and for how long it is waited for. The source seeks
 * and opens lanes; this end takes the newest that proves to be of the session.
 */
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { Carrier } from "./carrier.ts";
import type { Lane } from "./io/lane.ts";
import type { SessionFrame } from "./io/lane-owner.ts";
import type { MadeEpoch } from "./io/waiting-epochs.ts";
import type { PeerIdentity } from "./pure/peer-identity.ts";
import type { LaneLoss } from "./pure/reach/reach-state.ts";
import { eraseLaneKeys, type SessionEpochs } from "./pure/session/epochs.ts";
import type { StreamFrame } from "./pure/session/session.ts";
import type { ResumeState } from "./pure/wire/frame.ts";
import type { ResetReason } from "./pure/wire/reset-reason.ts";
import type { AbsentState } from "./status.ts";

/** The source closes the lane that it has left; if it cannot, this end does. */
const formerLaneWithin = seconds(5);

export interface DestinationSessionOptions {
  readonly clock: Clock;
  readonly carrier: Carrier;
  readonly epochs: SessionEpochs;
  readonly identity: PeerIdentity;
  readonly hold: Millis;
  readonly onAbsent: (why: LaneLoss) => void;
  /** The peer did not come back in time. */
  readonly onHoldOver: () => void;
  readonly onBroken: (why: string) => void;
}

export class DestinationSession {
  readonly id: string;
  readonly carrier: Carrier;
  readonly epochs: SessionEpochs;
  readonly identity: PeerIdentity;
  readonly since: number;
  readonly #options: DestinationSessionOptions;
  /** Lanes that the source has left and not closed yet, with what closes them. */
  readonly #former = new Map<Lane, Timer>();
  /** Of the lane that carries it: what welcomes the express lane. */
  #made: MadeEpoch | undefined;
  #absentSince: Millis | undefined;
  #hold: Timer | undefined;
  #resumptions = 0;
  #isOver = false;

  constructor(options: DestinationSessionOptions) {
    this.#options = options;
    this.carrier = options.carrier;
    this.epochs = options.epochs;
    this.identity = options.identity;
    this.id = options.epochs.session.toHex();
    this.since = options.clock.wall();
  }

  get resumptions(): number {
    return this.#resumptions;
  }

  /** Undefined while it has a lane. */
  get absentSince(): Millis | undefined {
    return this.#absentSince;
  }

  /** Since when, and until when, it waits for a lane; meaningless while it has one. */
  get absent(): AbsentState {
    const { clock, hold } = this.#options;
    const since = clock.wall() - (clock.now() - (this.#absentSince ?? clock.now()));
    return { kind: "absent", since, until: since + hold };
  }

  /** The epoch that it is in now, while a lane carries it. */
  get made(): MadeEpoch | undefined {
    return this.#made;
  }

  /** Its first lane. `frames`: what came with its start. */
  begin(lane: Lane, made: MadeEpoch, frames: readonly SessionFrame[]): void {
    this.#take(lane, made);
    this.carrier.use(lane);
    if (frames.length > 0) this.#receive(lane, frames);
  }

  /** Another lane carries it from now on; `lane` was told so. `absentFor`: how long it had none; `resent`: octets that are sent again. */
  resume(
    lane: Lane,
    made: MadeEpoch,
    state: ResumeState,
    frames: readonly SessionFrame[],
  ): { readonly absentFor: Millis; readonly resent: number } {
    const { clock } = this.#options;
    const before = this.carrier.lane;
    if (before !== undefined) this.#retire(before);
    const absentFor = millis(this.#absentSince === undefined ? 0 : clock.now() - this.#absentSince);
    this.#absentSince = undefined;
    this.#hold?.[Symbol.dispose]();
    this.#resumptions += 1;
    this.#take(lane, made);
    const resent = this.carrier.use(lane, state);
    if (frames.length > 0) this.#receive(lane, frames);
    return { absentFor, resent };
  }

  /** Everything of it ends now. */
  end(reason: ResetReason): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leaveEpoch();
    this.#hold?.[Symbol.dispose]();
    const { lane } = this.carrier;
    this.carrier.end(reason);
    lane?.say({ type: "go-away", reason: "over" });
    lane?.close();
    for (const [former, timer] of this.#former) {
      timer[Symbol.dispose]();
      former[Symbol.dispose]();
    }
    this.#former.clear();
    this.epochs.erase();
  }

  /** `lane` brings copies from now on, in place of the one before it. */
  join(lane: Lane): void {
    this.carrier.express.use(lane, "giveTo");
  }

  /** Nothing of the epoch's is welcomed any more, and nobody can learn its lanes' keys. */
  #leaveEpoch(): void {
    if (this.#made !== undefined) eraseLaneKeys(this.#made.epoch);
    this.#made = undefined;
  }

  #take(lane: Lane, made: MadeEpoch): void {
    this.#leaveEpoch();
    this.#made = made;
    lane.giveTo({
      onFrames: (frames) => this.#receive(lane, frames),
      onWritable: () => this.carrier.pump(),
      onLost: (why) => this.#lose(lane, why),
      onBroken: (why) => this.#options.onBroken(why),
    });
  }

  /** What it still brings is welcome: offsets tell what is new. */
  #retire(lane: Lane): void {
    const close = () => {
      this.#former.delete(lane);
      lane[Symbol.dispose]();
    };
    this.#former.set(lane, this.#options.clock.after("a lane that was left", formerLaneWithin, close));
  }

  #receive(lane: Lane, frames: readonly SessionFrame[]): void {
    if (lane === this.carrier.lane) this.epochs.confirm();
    if (frames.length === 0) return;
    if (frames.some(isOpening)) this.#options.onBroken("a lane was opened twice");
    else this.carrier.receive(frames as readonly StreamFrame[]);
  }

  #lose(lane: Lane, why: LaneLoss): void {
    const timer = this.#former.get(lane);
    timer?.[Symbol.dispose]();
    this.#former.delete(lane);
    if (lane !== this.carrier.lane) return;
    this.#leaveEpoch();
    this.carrier.lose();
    const { clock, hold, onAbsent, onHoldOver } = this.#options;
    this.#absentSince = clock.now();
    this.#hold = clock.after("absence of a peer", hold, onHoldOver);
    onAbsent(why);
  }
}

export function isOpening({ type }: SessionFrame): boolean {
  return (
    type === "start" ||
    type === "started" ||
    type === "resume" ||
    type === "resumed" ||
    type === "unknown" ||
    type === "join"
  );
}

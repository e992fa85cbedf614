/**
 * Lanes at a destination that are welcomed and have not said what they are for: they begin a session, resume one or join one within a
 * few seconds, or are cut. What their handshake has made is theirs as long, and is erased when nothing comes of them.
 */
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { seconds } from "@ropewalk/kernel/units";
import type { DestinationSessions } from "./destination-sessions.ts";
import type { Lane } from "./io/lane.ts";
import type { SessionFrame } from "./io/lane-owner.ts";
import type { MadeEpoch } from "./io/waiting-epochs.ts";
import { eraseEpoch } from "./pure/session/epochs.ts";

/** For one question, the answer that the session is not known, and another question, on a bad line. */
const within = seconds(10);

type Sessions = Pick<DestinationSessions, "begin" | "resume" | "join">;

interface Opening {
  readonly made: MadeEpoch;
  readonly timer: Timer;
  /** It was told that its session is not known, and may only begin another. */
  isUnknown: boolean;
}

export class OpeningLanes implements Disposable {
  readonly #clock: Clock;
  readonly #sessions: Sessions;
  readonly #opening = new Map<Lane, Opening>();
  /** With what cuts each. */
  readonly #joining = new Map<Lane, Timer>();

  constructor(clock: Clock, sessions: Sessions) {
    this.#clock = clock;
    this.#sessions = sessions;
  }

  get size(): number {
    return this.#opening.size + this.#joining.size;
  }

  /** Takes both over, and starts the lane. */
  add(lane: Lane, made: MadeEpoch): void {
    const timer = this.#clock.after("first frame of a lane", within, () => this.#cut(lane));
    this.#opening.set(lane, { made, timer, isUnknown: false });
    lane.start({
      onFrames: (frames) => this.#onFrames(lane, frames),
      onWritable: () => {},
      onLost: () => this.#cut(lane),
      onBroken: () => this.#cut(lane),
    });
  }

  /** Takes over a lane of an epoch, by its identifier in hexadecimal, that has one already, and starts it. */
  addExpress(lane: Lane, epoch: string): void {
    const cut = () => {
      if (this.#forgetJoining(lane)) lane[Symbol.dispose]();
    };
    this.#joining.set(lane, this.#clock.after("first frame of an express lane", within, cut));
    lane.start({
      onFrames: ([first]) => {
        if (first === undefined) return;
        // What stands behind it are copies, which may be lost.
        if (first.type === "join" && this.#sessions.join(lane, epoch)) this.#forgetJoining(lane);
        else cut();
      },
      ...{ onWritable: () => {}, onLost: cut, onBroken: cut },
    });
  }

  [Symbol.dispose](): void {
    for (const lane of [...this.#joining.keys()]) if (this.#forgetJoining(lane)) lane[Symbol.dispose]();
    for (const lane of [...this.#opening.keys()]) this.#cut(lane);
  }

  #onFrames(lane: Lane, [first, ...others]: readonly SessionFrame[]): void {
    const opening = this.#opening.get(lane);
    if (opening === undefined || first === undefined) return;
    if (first.type === "start") {
      if (!this.#sessions.begin(lane, opening.made, first.settings, others)) this.#cut(lane);
      else this.#forget(lane, opening);
    } else if (first.type === "resume" && !opening.isUnknown) {
      const outcome = this.#sessions.resume(lane, opening.made, first, others);
      if (outcome === "resumed") this.#forget(lane, opening);
      else if (outcome === "refused") this.#cut(lane);
      else this.#tellUnknown(lane, opening);
    } else {
      this.#cut(lane);
    }
  }

  #forgetJoining(lane: Lane): boolean {
    this.#joining.get(lane)?.[Symbol.dispose]();
    return this.#joining.delete(lane);
  }

  #tellUnknown(lane: Lane, opening: Opening): void {
    opening.isUnknown = true;
    lane.say({ type: "unknown" });
  }

  #forget(lane: Lane, { timer }: Opening): void {
    timer[Symbol.dispose]();
    this.#opening.delete(lane);
  }

  #cut(lane: Lane): void {
    const opening = this.#opening.get(lane);
    if (opening === undefined) return;
    this.#forget(lane, opening);
    eraseEpoch(opening.made.epoch);
    lane[Symbol.dispose]();
  }
}

/**
 * The sessions that live, and what each rests on: when a certificate or a list of revoked ones ends, or another list comes, the
 * sessions that it concerns end within a second. The clock of the machine may jump either way.
 */
import { isSignedBy } from "@ropewalk/crypto/certificates/check-signature";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { judgePeer, type Peer, rememberedSignatures, type Trust } from "./io/peer-verdict.ts";
import type { Refusal } from "./pure/refusal.ts";

const lookEvery: Millis = millis(500);

export interface LiveSession {
  readonly peer: Peer;
  /** Milliseconds since 1970, as the handshake found it. */
  readonly until: number;
  /** Called once, when it may live no longer. */
  readonly end: (refusal: Refusal) => void;
}

/** Whom sessions may be with. */
export interface Standing {
  readonly trust: Trust;
  readonly allow: readonly string[] | undefined;
}

export class LiveSessions implements Disposable {
  readonly #clock: Clock;
  readonly #check = rememberedSignatures(isSignedBy);
  /** Each with when it must be judged again, in milliseconds since 1970. */
  readonly #sessions = new Map<LiveSession, number>();
  #standing: Standing;
  #lastLook: number;
  #timer: Timer | undefined;

  constructor(standing: Standing, clock: Clock) {
    this.#standing = standing;
    this.#clock = clock;
    this.#lastLook = clock.wall();
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** What was found before may hold no more: then it ends at the next look. Disposing what is returned says that it has ended by itself. */
  add(session: LiveSession): Disposable {
    const isGood = this.#verdict(session).kind === "good";
    this.#sessions.set(session, isGood ? session.until : Number.NEGATIVE_INFINITY);
    this.#setTimer();
    return { [Symbol.dispose]: () => this.#sessions.delete(session) };
  }

  /** From now on, for those that live too. */
  use(standing: Standing): void {
    this.#standing = standing;
    for (const session of [...this.#sessions.keys()]) this.#judge(session);
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#sessions.clear();
  }

  #look(): void {
    this.#timer = undefined;
    const now = this.#clock.wall();
    // Set back, it may be before the beginning of what was good.
    const isSetBack = now < this.#lastLook;
    this.#lastLook = now;
    for (const [session, until] of [...this.#sessions]) if (isSetBack || now > until) this.#judge(session);
    this.#setTimer();
  }

  #judge(session: LiveSession): void {
    const verdict = this.#verdict(session);
    if (verdict.kind === "good") {
      this.#sessions.set(session, verdict.until);
      return;
    }
    this.#sessions.delete(session);
    session.end(verdict.refusal);
  }

  #verdict({ peer }: LiveSession): ReturnType<typeof judgePeer> {
    const { trust, allow } = this.#standing;
    return judgePeer(peer, trust, allow, this.#clock.wall(), this.#check);
  }

  #setTimer(): void {
    if (this.#timer !== undefined || this.#sessions.size === 0) return;
    this.#timer = this.#clock.after("certificates of live sessions", lookEvery, () => this.#look());
  }
}

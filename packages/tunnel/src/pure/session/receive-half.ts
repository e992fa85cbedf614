/**
 * The incoming direction of a stream: what has come, how far the peer may send, and how much of it was taken by whoever it is for.
 * The window grows while what it holds is taken within two round trips, as far as the session has memory for it.
 */
import { InternalError } from "@ropewalk/kernel/errors";
import type { Millis } from "@ropewalk/kernel/units";
import type { CreditBudget } from "./credit-budget.ts";

/**
 * What is not new. `known`: it was here before. `gap`: there is something missing before it. `broken`: it is beyond what the peer may
 * send, or beyond its own end.
 */
export type NotNew = "known" | "gap" | "broken";

/** A window that was not used up for so long is given back by half. */
const idleAfter = 10_000;
/** Below this, what is taken in one go looks like a round trip. */
const shortestRoundTrip = 2;

export class ReceiveHalf {
  readonly #budget: CreditBudget;
  #received = 0;
  #endAt: number | undefined;
  #taken = 0;
  #window: number;
  #limit: number;
  #grantedAt: Millis;
  #acknowledged = 0;

  /** `window`: what the peer may send at first; it was taken from the budget. */
  constructor(now: Millis, window: number, budget: CreditBudget) {
    this.#budget = budget;
    this.#window = window;
    this.#limit = window;
    this.#grantedAt = now;
  }

  /** Up to where everything is here, the end included. */
  get received(): number {
    return this.#received + (this.isEnded ? 1 : 0);
  }

  /** Octets that are here and nobody has taken. */
  get waiting(): number {
    return this.#received - this.#taken;
  }

  /** Octets that were here before, or are. */
  get total(): number {
    return this.#received;
  }

  get limit(): number {
    return this.#limit;
  }

  get window(): number {
    return this.#window;
  }

  /** Whether the peer has sent all that it will. */
  get isEnded(): boolean {
    return this.#endAt !== undefined && this.#received === this.#endAt;
  }

  /** Whether all of it, the end included, has come and was taken. */
  get isTaken(): boolean {
    return this.isEnded && this.waiting === 0;
  }

  /** Octets (and the end) that the peer does not know yet to be here. */
  get unacknowledged(): number {
    return this.received - this.#acknowledged;
  }

  /** Those of the octets that are new. */
  arrive(offset: number, octets: Uint8Array): Uint8Array | NotNew {
    const end = offset + octets.length;
    if (end > this.#limit || (this.#endAt !== undefined && end > this.#endAt)) return "broken";
    if (offset > this.#received) return "gap";
    if (end <= this.#received) return "known";
    const fresh = offset === this.#received ? octets : octets.subarray(this.#received - offset);
    this.#received = end;
    return fresh;
  }

  /** The peer ends the direction at `offset`. What was set aside for more is free. */
  end(offset: number): "new" | NotNew {
    if (this.#endAt !== undefined) return this.#endAt === offset ? "known" : "broken";
    if (offset < this.#received) return "broken";
    if (offset > this.#received) return "gap";
    this.#endAt = offset;
    this.#keep(this.waiting);
    return "new";
  }

  /** `count` more octets were taken. True when it is time to give credit. */
  take(count: number): boolean {
    if (count > this.waiting) throw new InternalError("more was taken of a stream than had come");
    this.#taken += count;
    return this.#endAt === undefined && this.#limit - this.#taken <= this.#window / 2;
  }

  /** The new limit, which the peer is then told. `roundTrip` undefined: not known yet. */
  grant(now: Millis, roundTrip: Millis | undefined, largest: number): number {
    const passed = now - this.#grantedAt;
    const quick = 2 * Math.max(shortestRoundTrip, roundTrip ?? Number.POSITIVE_INFINITY);
    if (passed <= quick) this.#grow(Math.min(this.#window, largest - this.#window));
    else if (passed > idleAfter) this.#shrink();
    this.#grantedAt = now;
    this.#limit = Math.max(this.#limit, this.#taken + this.#window);
    return this.#limit;
  }

  /** So much more may the peer send from now on, where the session has it. */
  widen(octets: number): void {
    if (this.#endAt !== undefined) return;
    this.#grow(octets);
    this.#limit = Math.max(this.#limit, this.#taken + this.#window);
  }

  /** What the peer is told now. */
  acknowledge(): number {
    this.#acknowledged = this.received;
    return this.#acknowledged;
  }

  /** What the peer was told may not have come. */
  doubt(): void {
    this.#acknowledged = 0;
  }

  /** Whatever comes is passed over: no more is set aside for it than for any stream. */
  retire(): void {
    this.#keep(0);
  }

  /** It is no more: what was set aside for it is free. */
  release(): void {
    this.#budget.close(this.#window);
    this.#window = 0;
  }

  #grow(octets: number): void {
    if (octets > 0) this.#window += this.#budget.take(octets);
  }

  /** Never below what the peer was promised. */
  #shrink(): void {
    const promised = this.#limit - this.#taken;
    this.#keep(Math.max(promised, this.#budget.firstWindow, Math.ceil(this.#window / 2)));
  }

  #keep(octets: number): void {
    const kept = Math.max(octets, this.#budget.initialCredit);
    if (kept >= this.#window) return;
    this.#budget.give(this.#window - kept);
    this.#window = kept;
  }
}

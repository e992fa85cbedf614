/**
 * Polls carriers beside the kernel's events, which it holds back to one a second for the whole machine
 * (net/core/link_watch.c). One timer; none while there is nothing to poll.
 */
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { LinkFacts, NetworkFacts } from "../facts.ts";
import type { CarrierFiles } from "./carrier-files.ts";
import { type CarrierPlan, closeInterval, planCarrierPolls, slowInterval } from "./carrier-plan.ts";

export interface CarrierPollTarget {
  readonly facts: () => NetworkFacts;
  /** Applies every event that the kernel has queued, so that none is older than a reading made after it. */
  readonly drainEvents: () => void;
  /** A reading that differs from the facts. */
  readonly onEdge: (ifindex: number, hasCarrier: boolean) => void;
}

export class CarrierPoll implements Disposable {
  readonly #target: CarrierPollTarget;
  readonly #files: CarrierFiles;
  readonly #clock: Clock;
  #closely: ReadonlySet<number> = new Set();
  #plan: CarrierPlan = { close: [], slow: [], validUntil: 0 };
  #plannedFor: NetworkFacts | undefined;
  #timer: { readonly timer: Timer; readonly at: number } | undefined;
  #slowDue: Millis;
  #polls = 0;
  #edges = 0;
  #isDisposed = false;

  constructor(target: CarrierPollTarget, files: CarrierFiles, clock: Clock) {
    this.#target = target;
    this.#files = files;
    this.#clock = clock;
    this.#slowDue = clock.now();
  }

  get polls(): number {
    return this.#polls;
  }

  get edges(): number {
    return this.#edges;
  }

  pollClosely(ifindexes: ReadonlySet<number>): void {
    this.#closely = new Set(ifindexes);
    this.#plannedFor = undefined;
    this.refresh();
  }

  /** To be called after facts changed: plans anew, and polls sooner if that is now due. */
  refresh(): void {
    const now = this.#clock.now();
    const facts = this.#target.facts();
    if (facts === this.#plannedFor && now < this.#plan.validUntil) return;
    this.#plannedFor = facts;
    this.#plan = planCarrierPolls(facts, this.#closely, now);
    this.#files.keepOnly(new Set([...this.#plan.close, ...this.#plan.slow]));
    this.#arm(now);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#timer?.timer[Symbol.dispose]();
    this.#timer = undefined;
    this.#files[Symbol.dispose]();
  }

  #arm(now: Millis): void {
    if (this.#isDisposed) return;
    const isClose = this.#plan.close.length > 0;
    const isIdle = !isClose && this.#plan.slow.length === 0;
    const at = isClose ? Math.min(now + closeInterval, Math.max(now, this.#slowDue)) : Math.max(now, this.#slowDue);
    if (!isIdle && this.#timer !== undefined && this.#timer.at <= at) return;
    this.#timer?.timer[Symbol.dispose]();
    this.#timer = isIdle
      ? undefined
      : { timer: this.#clock.after("carrier poll", millis(at - now), () => this.#tick()), at };
  }

  #tick(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    this.#poll(this.#plan.close);
    if (now >= this.#slowDue) {
      this.#slowDue = millis(now + slowInterval);
      this.#poll(this.#plan.slow);
    }
    this.refresh();
    this.#arm(this.#clock.now());
  }

  /**
   * Since Linux 6.8 reading the carrier makes the kernel send the event that it held back (linkwatch_sync_dev): so what
   * is queued is applied first, and the carrier read once more, lest an older message overwrite a newer reading.
   */
  #poll(ifindexes: readonly number[]): void {
    let isDrained = false;
    for (const ifindex of ifindexes) {
      if (!this.#differs(ifindex)) continue;
      this.#edges += 1;
      if (!isDrained) this.#target.drainEvents();
      isDrained = true;
      if (this.#differs(ifindex)) this.#target.onEdge(ifindex, !this.#link(ifindex)?.hasCarrier);
    }
  }

  #link(ifindex: number): LinkFacts | undefined {
    return this.#target.facts().links.get(ifindex);
  }

  #differs(ifindex: number): boolean {
    const link = this.#link(ifindex);
    if (link === undefined || !link.isEnabled) return false;
    this.#polls += 1;
    const reading = this.#files.read(link);
    return reading !== undefined && reading !== link.hasCarrier;
  }
}

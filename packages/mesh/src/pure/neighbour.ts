/** A neighbour: the other end of a link, what it was last heard to say of itself, and what it is still to be told. */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { LinkFacts, LinkId } from "./link.ts";
import { Admission } from "./protection/admission.ts";
import type { DropCounts } from "./protection/drop-counts.ts";
import { type BudgetKind, LinkBudget } from "./protection/link-budget.ts";
import type { Route } from "./routing/route.ts";
import type { NodeKind, OnlineState } from "./wire/link-frame.ts";

/** Silence after which it is asked whether it is there, and after which it is not. */
const askAfter = seconds(2);
const goneAfter = seconds(6);
/** Of what a link carries, at most so much are announces while many are to be told. */
const shareOfAnnounces = 0.5;
const leastBurst = 16_384;
const burstFor = 0.1;

export interface NeighbourStatus {
  readonly kind: NodeKind;
  readonly online: OnlineState;
  readonly at: Millis;
}

export class Neighbour {
  readonly link: LinkId;
  readonly facts: LinkFacts;
  readonly since: Millis;
  /** What it may bring. */
  readonly budget: LinkBudget;
  readonly admission: Admission = new Admission();
  /** Routes that it is to be told of, in this order. */
  readonly pending: Set<Route> = new Set();
  /** Labels that it was given and that lead nowhere any more. */
  readonly withdrawn: number[] = [];
  /** As it said, and when that was heard. */
  status: NeighbourStatus | undefined;
  roundTrip: Millis | undefined;
  #heardAt: Millis;
  #asked: { readonly token: string; readonly at: Millis } | undefined;
  #credit: number;
  #creditAt: Millis;

  constructor(link: LinkId, facts: LinkFacts, now: Millis, overRate: DropCounts<BudgetKind, "rate">) {
    this.link = link;
    this.facts = facts;
    this.since = now;
    this.budget = new LinkBudget(overRate);
    this.#heardAt = now;
    this.#credit = this.#burst;
    this.#creditAt = now;
  }

  heard(now: Millis): void {
    this.#heardAt = now;
  }

  /** What its silence calls for. */
  watch(now: Millis): "ask" | "gone" | undefined {
    const silence = now - this.#heardAt;
    if (silence >= goneAfter) return "gone";
    return silence >= askAfter && (this.#asked === undefined || now - this.#asked.at >= askAfter) ? "ask" : undefined;
  }

  /** It was asked with this token, 8 octets. */
  asked(now: Millis, token: Uint8Array): void {
    this.#asked = { token: token.toHex(), at: now };
  }

  /** It has answered; another token than the last is no answer. */
  answered(now: Millis, token: Uint8Array): void {
    if (this.#asked?.token !== token.toHex()) return;
    this.roundTrip = millis(now - this.#asked.at);
    this.#asked = undefined;
  }

  /** Octets of announces that may go now. */
  credit(now: Millis): number {
    this.#credit = Math.min(this.#burst, this.#credit + ((now - this.#creditAt) / 1000) * this.#octetsPerSecond);
    this.#creditAt = now;
    return this.#credit;
  }

  spend(octets: number): void {
    this.#credit -= octets;
  }

  /** When `octets` may go. */
  affordsAt(now: Millis, octets: number): Millis {
    const missing = octets - this.credit(now);
    return missing <= 0 ? now : millis(now + Math.ceil((missing / this.#octetsPerSecond) * 1000));
  }

  get #octetsPerSecond(): number {
    return (this.facts.bitrate / 8) * shareOfAnnounces * this.facts.duty;
  }

  get #burst(): number {
    return Math.max(leastBurst, this.#octetsPerSecond * burstFor);
  }
}

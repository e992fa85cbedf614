/** A neighbour: the other end of a link, what it was last heard to say of itself, and what it is still to be told. */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { type AnnouncePace, adaptedPace, announced, newPace } from "./congestion.ts";
import type { LinkFacts, LinkId } from "./link.ts";
import type { MeasuredConnectivity } from "./peer-route.ts";
import { Admission } from "./protection/admission.ts";
import type { DropCounts } from "./protection/drop-counts.ts";
import { type BudgetKind, LinkBudget, type LinkBudgetConfig } from "./protection/link-budget.ts";
import type { Route } from "./routing/route.ts";
import { Strangers } from "./strangers.ts";
import { sustainedRate } from "./transport-class.ts";

/** Silence after which it is asked whether it is there, and after which it is not. */
const askAfter = seconds(2);
const goneAfter = seconds(6);
/** However much it says. */
const askEvery = seconds(15);
/** Of what a link carries, at most so much are announces while many are to be told. */
const shareOfAnnounces = 0.5;
const leastBurst = 16_384;
const burstFor = 0.1;

export class Neighbour {
  readonly link: LinkId;
  readonly facts: LinkFacts;
  readonly since: Millis;
  /** What it may bring. */
  readonly budget: LinkBudget;
  readonly admission: Admission = new Admission();
  /** Routes that it is to be told of, in this order. */
  readonly pending: Set<Route> = new Set();
  /** And those of whom it has not heard. */
  readonly strangers: Strangers;
  /** Labels that it was given and that lead nowhere any more. */
  readonly withdrawn: number[] = [];
  /** What it said of its way to the internet. */
  said: MeasuredConnectivity | undefined;
  roundTrip: Millis | undefined;
  #heardAt: Millis;
  #asked: { readonly token: string; readonly at: Millis } | undefined;
  #answeredAt: Millis | undefined;
  #pace: AnnouncePace;
  /** Of announces, both ways, since the pace was set. */
  #announceOctets = 0;
  #toldOwnAt: number = Number.NEGATIVE_INFINITY;
  #credit: number;
  #creditAt: Millis;

  constructor(
    link: LinkId,
    facts: LinkFacts,
    now: Millis,
    overRate: DropCounts<BudgetKind, "rate">,
    limits?: LinkBudgetConfig,
  ) {
    this.link = link;
    this.facts = facts;
    this.since = now;
    this.budget = new LinkBudget(overRate, limits);
    this.strangers = new Strangers(now);
    this.#heardAt = now;
    this.#pace = newPace(now);
    this.#credit = this.#burst;
    this.#creditAt = now;
  }

  heard(now: Millis): void {
    this.#heardAt = now;
  }

  /** When it last answered; undefined: never. */
  get answeredAt(): Millis | undefined {
    return this.#answeredAt;
  }

  /** What its silence calls for, or that it has not answered for long: what it says does not show that it hears. */
  watch(now: Millis): "ask" | "gone" | undefined {
    const silence = now - this.#heardAt;
    if (silence >= goneAfter) return "gone";
    const isDue = silence >= askAfter || now - (this.#answeredAt ?? Number.NEGATIVE_INFINITY) >= askEvery;
    return isDue && (this.#asked === undefined || now - this.#asked.at >= askAfter) ? "ask" : undefined;
  }

  /** It was asked with this token, 8 octets. */
  asked(now: Millis, token: Uint8Array): void {
    this.#asked = { token: token.toHex(), at: now };
  }

  /** It has answered; another token than the last is no answer. */
  answered(now: Millis, token: Uint8Array): void {
    if (this.#asked?.token !== token.toHex()) return;
    this.roundTrip = millis(now - this.#asked.at);
    this.#answeredAt = now;
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
    this.#announceOctets += octets;
  }

  /** An announce came, of so many octets. */
  heardAnnounce(octets: number): void {
    this.#announceOctets += octets;
  }

  /** How many times as long as usual the node's own announces wait for each other on the link: 1 or more. */
  get stretch(): number {
    return this.#pace.stretch;
  }

  /** Whether the link is to carry the node's own announce, which is made anew each `interval`: not each time where announces take too much. */
  isOwnDue(now: Millis, interval: Millis): boolean {
    // Half an interval early or late is in time.
    if (now - this.#toldOwnAt < interval * (this.#pace.stretch - 0.5)) return false;
    if (now - this.#pace.since >= interval / 2) {
      this.#pace = adaptedPace(announced(this.#pace, this.#announceOctets), sustainedRate(this.facts), now);
      this.#announceOctets = 0;
    }
    return true;
  }

  /** Told at once, whatever else waits. */
  toldOwn(now: Millis, octets: number): void {
    this.#toldOwnAt = now;
    this.#announceOctets += octets;
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

/**
 * The node's own announce: when it is made anew, and with which epoch and sequence. None is used before it was set aside for good, and a
 * node that has forgotten what it used is told by its neighbours, who give it back its own signature.
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { SequenceMark } from "./mesh-output.ts";
import type { Freshness } from "./wire/announce.ts";

/** So many are set aside at a time. */
export const setAside = 1000;
/** Whoever asks for another is answered at most so often. */
const leastApart = seconds(1);
const [lastEpoch, lastSequence] = [0xffff_ffff, 0xffff_ffff];

/** It was time; it says something else than before; or somebody has asked for it. */
export type WhyAnnounced = "time" | "other" | "asked";

export interface OwnAnnounceConfig {
  readonly interval: Millis;
}

export class OwnAnnounce {
  #interval: Millis;
  readonly #random: () => number;
  #epoch: number;
  /** Used last. */
  #sequence: number;
  /** Of the announce that was made last. */
  #announced: number;
  /** The first that is not set aside. */
  #kept: number;
  #madeAt: Millis | undefined;
  /** For everybody. */
  #dueAt: Millis = millis(0);
  #isOther = false;
  /** For those who have asked. */
  #renewAt: Millis | undefined;

  /** `mark`: nothing at it or behind it was ever used. `random`: 0…1. */
  constructor(mark: SequenceMark, { interval }: OwnAnnounceConfig, random: () => number) {
    this.#interval = interval;
    this.#random = random;
    this.#epoch = mark.epoch;
    this.#sequence = mark.sequence - 1;
    this.#announced = this.#sequence;
    this.#kept = mark.sequence;
  }

  /** Of the one that was made last. */
  get epoch(): number {
    return this.#epoch;
  }

  get sequence(): number {
    return Math.max(0, this.#announced);
  }

  get deadline(): Millis {
    return this.#renewAt !== undefined && this.#renewAt < this.#dueAt ? this.#renewAt : this.#dueAt;
  }

  /** Between two of them from the next on, which is made as soon as it may. */
  announceEvery(now: Millis, interval: Millis): void {
    this.#interval = interval;
    this.hurry(now);
  }

  /** What it says is another now: as soon as it may, for everybody. */
  hurry(now: Millis): void {
    const soonest = this.#soonest(now);
    if (soonest < this.#dueAt) this.#dueAt = soonest;
    this.#isOther = true;
  }

  /** Somebody wants a newer one than there is: as soon as it may. */
  renew(now: Millis): void {
    this.#renewAt ??= this.#soonest(now);
  }

  /** There is nobody to announce it to. */
  wait(now: Millis): void {
    this.#dueAt = millis(now + this.#interval);
  }

  /** Takes the next sequence. `keep`: what is to be set aside first; undefined: it is already. */
  next(now: Millis): { readonly keep: SequenceMark | undefined; readonly why: WhyAnnounced } {
    const why = now < this.#dueAt ? "asked" : this.#isOther ? "other" : "time";
    const { keep, number } = this.take();
    this.#announced = number.sequence;
    this.#madeAt = now;
    this.#renewAt = undefined;
    if (why !== "asked") {
      this.#isOther = false;
      this.#dueAt = millis(now + this.#interval * (0.9 + 0.2 * this.#random()));
    }
    return { keep, why };
  }

  /** Takes the next sequence for something else that the node signs: announces go on behind it. `keep`: as `next`. */
  take(): { readonly keep: SequenceMark | undefined; readonly number: Freshness } {
    this.#sequence += 1;
    if (this.#sequence > lastSequence) this.#begin(this.#epoch + 1);
    const number = { epoch: this.#epoch, sequence: this.#sequence };
    if (this.#sequence < this.#kept) return { keep: undefined, number };
    this.#kept = this.#sequence + setAside;
    return { keep: { epoch: this.#epoch, sequence: this.#kept }, number };
  }

  /** The mesh knows an announce of this node's that this node has not made, or not known to have made. */
  outrun(now: Millis, epoch: number): void {
    // Behind the last epoch there is none: the identity has come to its end.
    if (epoch < this.#epoch || epoch >= lastEpoch) return;
    this.#begin(epoch + 1);
    this.#madeAt = undefined;
    this.#dueAt = now;
    this.#isOther = true;
  }

  #soonest(now: Millis): Millis {
    return this.#madeAt === undefined ? now : millis(Math.max(now, this.#madeAt + leastApart));
  }

  /** Of a new epoch nothing was used or set aside. */
  #begin(epoch: number): void {
    this.#epoch = epoch;
    this.#sequence = 0;
    this.#announced = 0;
    this.#kept = 0;
  }
}

/** Which packets a link loses by chance: each for itself, or in bursts. */
import { InternalError } from "@ropewalk/kernel/errors";
import type { Random } from "./random.ts";

export type LossProfile =
  | { readonly kind: "random"; readonly share: number }
  /**
   * Two states; each packet may change the state first. Source: Gilbert, "Capacity of a Burst-Noise Channel", 1960; Elliott,
   * "Estimates of Error Rates for Codes on Burst-Noise Channels", 1963.
   */
  | {
      readonly kind: "bursts";
      /** Probability that a good state turns bad, and a bad one good, by packet. */
      readonly toBad: number;
      readonly toGood: number;
      readonly lossInGood: number;
      readonly lossInBad: number;
    };

export interface Loss {
  /** Whether the next packet is lost. */
  isNextLost(random: Random): boolean;
}

const none: Loss = { isNextLost: () => false };

export function createLoss(profile: LossProfile | undefined): Loss {
  if (profile === undefined) return none;
  switch (profile.kind) {
    case "random": {
      const share = probability(profile.share);
      return share === 0 ? none : { isNextLost: (random) => random.isLucky(share) };
    }
    case "bursts":
      return new BurstLoss(profile);
  }
}

/** The share of packets that `profile` loses in the long run. */
export function meanLoss(profile: LossProfile): number {
  if (profile.kind === "random") return profile.share;
  const { toBad, toGood, lossInGood, lossInBad } = profile;
  return (toBad * lossInBad + toGood * lossInGood) / (toBad + toGood);
}

class BurstLoss implements Loss {
  readonly #toBad: number;
  readonly #toGood: number;
  readonly #lossInGood: number;
  readonly #lossInBad: number;
  #state: "good" | "bad" = "good";

  constructor(profile: Extract<LossProfile, { kind: "bursts" }>) {
    this.#toBad = probability(profile.toBad);
    this.#toGood = probability(profile.toGood);
    this.#lossInGood = probability(profile.lossInGood);
    this.#lossInBad = probability(profile.lossInBad);
  }

  isNextLost(random: Random): boolean {
    if (random.isLucky(this.#state === "good" ? this.#toBad : this.#toGood)) {
      this.#state = this.#state === "good" ? "bad" : "good";
    }
    return random.isLucky(this.#state === "good" ? this.#lossInGood : this.#lossInBad);
  }
}

function probability(value: number): number {
  if (!(value >= 0 && value <= 1)) throw new InternalError(`${value} is no probability`);
  return value;
}

/**
 * The memory that a session may be made to hold: the sum of all windows never exceeds it, so that credit on the wire is a promise that
 * can be kept. One half is set aside for the first window of every stream that there may be; the other half lets windows grow.
 */
import { InternalError } from "@ropewalk/kernel/errors";

/** Who wants more gets at most this share of what is left: there is always something for the next one. */
const shareOfRest = 1 / 4;

export interface BudgetConfig {
  /** Octets. */
  readonly credit: number;
  readonly mostStreams: number;
}

export class CreditBudget {
  /** What a stream may always have, and what the peer may send before it is told of more. */
  readonly initialCredit: number;
  /** What a stream gets at once when there is enough. */
  readonly firstWindow: number;
  readonly #mostStreams: number;
  readonly #growth: number;
  #streams = 0;
  #free: number;

  constructor({ credit, mostStreams }: BudgetConfig) {
    this.initialCredit = Math.min(largestInitial, Math.floor(credit / 2 / mostStreams));
    this.firstWindow = Math.max(this.initialCredit, usualFirst);
    this.#mostStreams = mostStreams;
    this.#growth = credit - this.initialCredit * mostStreams;
    this.#free = this.#growth;
  }

  /** The sum of all windows. */
  get promised(): number {
    return this.#growth - this.#free + this.#streams * this.initialCredit;
  }

  /** Octets that no window has. */
  get free(): number {
    return this.#free;
  }

  /** The first window of a stream, `initialCredit`; undefined when there may be no more streams. */
  open(): number | undefined {
    if (this.#streams === this.#mostStreams) return undefined;
    this.#streams += 1;
    return this.initialCredit;
  }

  /** A stream is no more; `window` is what it had. */
  close(window: number): void {
    if (this.#streams === 0) throw new InternalError("more streams were closed than opened");
    this.#streams -= 1;
    this.#free += window - this.initialCredit;
  }

  /** As much of `octets` as there is. */
  take(octets: number): number {
    const taken = Math.min(octets, Math.floor(this.#free * shareOfRest));
    this.#free -= taken;
    return taken;
  }

  give(octets: number): void {
    this.#free += octets;
  }
}

const largestInitial = 16_384;
const usualFirst = 65_536;

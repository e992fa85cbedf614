/** A token bucket: so many a second, and as many at once as were saved up. It has no timer: it fills by the time it is asked at. */
import { InternalError } from "./errors.ts";
import { type Millis, millis } from "./units.ts";

export interface TokenRate {
  /** Tokens that it gets each second; 0: it is never filled again. */
  readonly perSecond: number;
  /** The most that it can save up. */
  readonly burst: number;
}

export class TokenBucket {
  readonly #rate: TokenRate;
  #tokens: number;
  #at: Millis;

  /** Full at first. */
  constructor(rate: TokenRate, now: Millis) {
    if (!isAmount(rate.perSecond) || !isAmount(rate.burst)) {
      throw new InternalError(`${rate.perSecond} a second and ${rate.burst} at once are no rate`);
    }
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#at = now;
  }

  /** Takes `count` tokens (0 or more), or none where there are not so many. Time that runs backwards fills nothing. */
  take(now: Millis, count = 1): boolean {
    this.#fill(now);
    if (!(count <= this.#tokens)) return false;
    this.#tokens -= count;
    return true;
  }

  /** How many could be taken now: whole ones, and the part of the next. */
  available(now: Millis): number {
    this.#fill(now);
    return this.#tokens;
  }

  /** When `count` can be taken, if nobody takes any before; undefined: never. */
  readyAt(now: Millis, count = 1): Millis | undefined {
    this.#fill(now);
    const missing = count - this.#tokens;
    if (missing <= 0) return now;
    const { perSecond, burst } = this.#rate;
    return count > burst || perSecond === 0 ? undefined : millis(now + Math.ceil((missing / perSecond) * 1000));
  }

  #fill(now: Millis): void {
    if (now <= this.#at) return;
    const { perSecond, burst } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) / 1000) * perSecond);
    this.#at = now;
  }
}

function isAmount(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}

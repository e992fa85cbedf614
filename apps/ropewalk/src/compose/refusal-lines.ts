/** Refusals as they are told: each by itself while there are few, and by their number once a flood of them comes. */
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { seconds } from "@ropewalk/kernel/units";
import type { Refusal, RefusalReason } from "@ropewalk/tunnel/pure/refusal";

/** A second. */
const mostEach = 20;

export interface RefusalLinesOptions {
  readonly clock: Clock;
  readonly tell: (refusal: Refusal, remote: string) => void;
  /** How many more there were in the last second. */
  readonly tellMore: (more: Readonly<Partial<Record<RefusalReason, number>>>) => void;
}

export class RefusalLines implements Disposable {
  readonly #options: RefusalLinesOptions;
  #told = 0;
  #more: Partial<Record<RefusalReason, number>> = {};
  #timer: Timer | undefined;

  constructor(options: RefusalLinesOptions) {
    this.#options = options;
  }

  add(refusal: Refusal, remote: string): void {
    this.#timer ??= this.#options.clock.after("lines of refusals", seconds(1), () => this.#endSecond());
    this.#told += 1;
    if (this.#told <= mostEach) this.#options.tell(refusal, remote);
    else this.#more[refusal.reason] = (this.#more[refusal.reason] ?? 0) + 1;
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#endSecond();
  }

  #endSecond(): void {
    const more = this.#more;
    this.#timer = undefined;
    this.#told = 0;
    this.#more = {};
    if (Object.keys(more).length > 0) this.#options.tellMore(more);
  }
}

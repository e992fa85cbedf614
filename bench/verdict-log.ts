/**
 * What one monitor says of one uplink, and when: only changes count. A "down" that is said while no fault is in force is
 * a false one, and is counted.
 */

export class VerdictLog {
  #isDown: boolean;
  #since = 0n;
  #falseDowns = 0;
  #isFaulty = true;
  #wake: (() => void) | undefined;

  /** `isDown` is what holds before the monitor says anything. It starts as if a fault were in force. */
  constructor(isDown: boolean) {
    this.#isDown = isDown;
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  get falseDowns(): number {
    return this.#falseDowns;
  }

  /** `at` is CLOCK_MONOTONIC in nanoseconds. */
  say(at: bigint, isDown: boolean): void {
    if (isDown === this.#isDown) return;
    this.#isDown = isDown;
    this.#since = at;
    if (isDown && !this.#isFaulty) this.#falseDowns += 1;
    this.#wake?.();
  }

  /** From now on a "down" has its reason. */
  faultBegins(): void {
    this.#isFaulty = true;
  }

  /** From now on it has none. */
  faultEnded(): void {
    this.#isFaulty = false;
  }

  /** A "down" that came before its fault was a false one after all. */
  countFalseDown(): void {
    this.#falseDowns += 1;
  }

  /** When it last began to say so, waiting for it at most `limitMs`; undefined past that. */
  async until(isDown: boolean, limitMs: number): Promise<bigint | undefined> {
    const deadline = performance.now() + limitMs;
    while (this.#isDown !== isDown) {
      const left = deadline - performance.now();
      if (left <= 0) return undefined;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.#since;
  }
}

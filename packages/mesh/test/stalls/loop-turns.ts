/** How long the turns of this process's event loop are: what a timer waits that is due. */

export interface LongestTurn {
  /** Milliseconds by the clock: of a machine that has other work too, that work is in it. */
  readonly clock: number;
  /** Milliseconds of the processor, in this thread. */
  readonly processor: number;
  /** Turns that took the processor longer than `long`. */
  readonly longOnes: number;
}

const everyMs = 1;
const long = 10;

export class LoopTurns implements Disposable {
  readonly #timer: NodeJS.Timeout;
  #clockAt = performance.now();
  #processorAt = processorTime();
  #longest: LongestTurn = { clock: 0, processor: 0, longOnes: 0 };

  constructor() {
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  /** Since it was last asked. */
  take(): LongestTurn {
    this.#look();
    const longest = this.#longest;
    this.#longest = { clock: 0, processor: 0, longOnes: 0 };
    return longest;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const [clock, processor] = [performance.now(), processorTime()];
    const [took, used] = [clock - this.#clockAt, processor - this.#processorAt];
    this.#clockAt = clock;
    this.#processorAt = processor;
    const { longOnes } = this.#longest;
    this.#longest = {
      clock: Math.max(this.#longest.clock, took),
      processor: Math.max(this.#longest.processor, used),
      longOnes: longOnes + (used > long ? 1 : 0),
    };
  }
}

function processorTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

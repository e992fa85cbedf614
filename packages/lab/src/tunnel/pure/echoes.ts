/** Keys that are pressed one after the other, and their echoes: which came back, how late, and whether as they were pressed. */

/** Times are nanoseconds of CLOCK_MONOTONIC. */
interface KeyPress {
  readonly key: string;
  readonly pressedAt: bigint;
  /** Undefined until it is there. */
  echoedAt: bigint | undefined;
}

export interface EchoFigures {
  /** Of keys that were pressed, or were still waiting, since the moment. */
  readonly keys: number;
  /** What one of them waited for its echo, or has waited until now. */
  readonly longestMs: number;
  readonly waiting: number;
}

/** What the terminal at the far end shows must be what was typed, octet for octet. */
export class Echoes {
  readonly #presses: KeyPress[] = [];
  #echoed = 0;
  #wrong = 0;

  press(key: string, at: bigint): void {
    this.#presses.push({ key, pressedAt: at, echoedAt: undefined });
  }

  hear(text: string, at: bigint): void {
    for (const key of text) {
      const press = this.#presses[this.#echoed];
      if (press === undefined || press.key !== key) {
        this.#wrong += 1;
        continue;
      }
      press.echoedAt = at;
      this.#echoed += 1;
    }
  }

  /** Keys in all, those that came back, and octets that nobody had typed. */
  get totals(): { readonly pressed: number; readonly echoed: number; readonly wrong: number } {
    return { pressed: this.#presses.length, echoed: this.#echoed, wrong: this.#wrong };
  }

  figures(since: bigint, now: bigint): EchoFigures {
    const counted = this.#presses.filter(({ echoedAt }) => echoedAt === undefined || echoedAt > since);
    const waits = counted.map(({ pressedAt, echoedAt }) => Number((echoedAt ?? now) - pressedAt) / 1e6);
    return {
      keys: counted.length,
      longestMs: Math.round(Math.max(0, ...waits) * 10) / 10,
      waiting: counted.filter(({ echoedAt }) => echoedAt === undefined).length,
    };
  }
}

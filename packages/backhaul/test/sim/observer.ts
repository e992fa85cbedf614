/** What a simulated site decided, against what was so: switches, states, and for how long the chosen uplink really worked. */
import type { BackhaulEvent, Decision, UplinkState, UplinkStatus } from "@ropewalk/backhaul/status";
import type { Millis } from "@ropewalk/kernel/units";

export interface Switch {
  readonly at: Millis;
  readonly from: string | null;
  readonly to: string | null;
  readonly reason: string;
}

export interface StateChange {
  readonly at: Millis;
  readonly name: string;
  readonly state: UplinkState;
  readonly reason: string;
  readonly text: string;
}

/** Enough to see what went wrong; the counts go on. */
const mostKept = 200;

export class Observer {
  readonly switches: Switch[] = [];
  readonly changes: StateChange[] = [];
  /** Changes of state since the last reset, by "state reason". */
  readonly counts = new Map<string, number>();
  readonly #now: () => Millis;
  readonly #isAlive: (name: string) => boolean;
  readonly #states = new Map<string, string>();
  #chosen: string | null = null;
  #switchCount = 0;
  #since = 0;
  #startedAt = 0;
  #working = 0;

  constructor(now: () => Millis, isAlive: (name: string) => boolean) {
    this.#now = now;
    this.#isAlive = isAlive;
  }

  get chosen(): string | null {
    return this.#chosen;
  }

  get switchCount(): number {
    return this.#switchCount;
  }

  /** How often an uplink went into `state`. */
  times(state: UplinkState): number {
    let total = 0;
    for (const [key, count] of this.counts) if (key.startsWith(`${state} `)) total += count;
    return total;
  }

  stateOf(name: string): string | undefined {
    return this.#states.get(name);
  }

  /** Everything counts from now on. */
  reset(): void {
    this.switches.length = 0;
    this.changes.length = 0;
    this.counts.clear();
    this.#switchCount = 0;
    this.#working = 0;
    this.#since = this.#now();
    this.#startedAt = this.#since;
  }

  /** Share of the time since the last reset in which the chosen uplink really worked. */
  availability(): number {
    this.truthChanges();
    return this.#working / (this.#now() - this.#startedAt);
  }

  /** Must be called before an uplink begins or ceases to work. */
  truthChanges(): void {
    const now = this.#now();
    if (this.#chosen !== null && this.#isAlive(this.#chosen)) this.#working += now - this.#since;
    this.#since = now;
  }

  take(event: BackhaulEvent): void {
    switch (event.kind) {
      case "uplink-added":
      case "uplink-changed":
        this.#takeState(event.uplink);
        break;
      case "connectivity":
        this.choose(event.decisions.overall);
        break;
      case "uplink-removed":
      case "order":
        break;
    }
  }

  choose({ name, reason }: Decision): void {
    if (name === this.#chosen) return;
    this.truthChanges();
    this.#switchCount += 1;
    if (this.switches.length < mostKept) this.switches.push({ at: this.#now(), from: this.#chosen, to: name, reason });
    this.#chosen = name;
  }

  #takeState({ name, state, reason: { code, text } }: UplinkStatus): void {
    const key = `${state} ${code}`;
    if (this.#states.get(name) === key) return;
    this.#states.set(name, key);
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    if (this.changes.length < mostKept) this.changes.push({ at: this.#now(), name, state, reason: code, text });
  }
}

/**
 * Gets a source's session its express lane, and another when it is lost, for as long as the lane beside it carries the session. Where
 * a round trip is short there is nothing to gain by it, and none is opened.
 */
import { type BackoffConfig, backoff } from "@ropewalk/kernel/backoff";
import type { Clock } from "@ropewalk/kernel/clock";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { Alarm } from "./alarm.ts";
import type { Express } from "./express.ts";
import type { Lane } from "./io/lane.ts";
import type { Candidate } from "./source-attempt.ts";

/** Below this round trip a lost packet delays a key press by less than anybody notices. */
const usualLeast: Millis = millis(5);
const waits: BackoffConfig = { first: seconds(1), longest: seconds(60) };
/** One that lasted so long was a good one. */
const goodAfter: Millis = seconds(60);
/** When to ask again whether the round trip is long. */
const lookEvery: Millis = seconds(10);
const lastLane = 64;

export interface ExpressSeekerDeps {
  readonly clock: Clock;
  readonly chance: () => number;
  /** The shortest round trip with which one is opened. */
  readonly expressFrom: Millis | undefined;
}

/** The lane that carries the session, and how to get others of its epoch. */
interface LaneBeside extends Pick<Candidate, "offer"> {
  readonly lane: Pick<Lane, "leastRoundTrip">;
}

export class ExpressSeeker implements Disposable {
  readonly #express: Express;
  readonly #beside: LaneBeside;
  readonly #deps: ExpressSeekerDeps;
  readonly #alarm: Alarm;
  readonly #ended = new AbortController();
  /** Of the lane that was offered last; the first lane of an epoch is another. */
  #number = 1;
  #attempts = 0;

  constructor(express: Express, beside: LaneBeside, deps: ExpressSeekerDeps) {
    this.#express = express;
    this.#beside = beside;
    this.#deps = deps;
    this.#alarm = new Alarm(deps.clock, "express lane", () => this.#look());
    this.#look();
  }

  /** No other is sought; the one that there is stays. */
  [Symbol.dispose](): void {
    this.#alarm[Symbol.dispose]();
    this.#ended.abort();
  }

  #look(): void {
    const { clock, expressFrom = usualLeast } = this.#deps;
    const least = this.#beside.lane.leastRoundTrip;
    if (least === undefined || least < expressFrom) this.#alarm.set(millis(clock.now() + lookEvery));
    else if (this.#number < lastLane) void this.#offer();
  }

  async #offer(): Promise<void> {
    const { signal } = this.#ended;
    this.#number += 1;
    const lane = await this.#beside.offer(this.#number, signal).catch(() => undefined);
    if (signal.aborted) lane?.[Symbol.dispose]();
    else if (lane === undefined) this.#again();
    else this.#use(lane);
  }

  #use(lane: Lane): void {
    const { clock } = this.#deps;
    const since = clock.now();
    this.#express.use(lane, "start", () => {
      if (clock.now() - since >= goodAfter) this.#attempts = 0;
      this.#again();
    });
    lane.say({ type: "join" });
  }

  #again(): void {
    if (this.#ended.signal.aborted) return;
    const { clock, chance } = this.#deps;
    this.#alarm.set(millis(clock.now() + backoff(this.#attempts, chance(), waits)));
    this.#attempts += 1;
  }
}

/**
 * Ends what is tracked of addresses that were left. The kernel walks through all that it tracks for it, and nothing else happens in this process
 * meanwhile: so the walks are some time apart, and what is asked for in between goes together in the next.
 */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { FlowsEnded, PeerFlows } from "./peer-flows.ts";
import { Unsettled } from "./unsettled.ts";

export interface FreedFlowsDeps {
  readonly flows: Pick<PeerFlows, "end">;
  readonly clock: Pick<Clock, "now" | "after">;
}

/** As many times as long as a walk took is it until the next. */
const share = 4;
const longestPause = millis(250);

export class FreedFlows {
  readonly #deps: FreedFlowsDeps;
  readonly #freed = new Unsettled();
  #waiting: PromiseWithResolvers<FlowsEnded> | undefined;
  #timer: Timer | undefined;
  #notBefore: Millis = millis(0);

  constructor(deps: FreedFlowsDeps) {
    this.#deps = deps;
  }

  /** Nobody may send from them any more. */
  ask(addresses: Iterable<string>): void {
    this.#freed.ask(addresses);
  }

  /** What came of all that was asked for by now; what failed is tried again when somebody asks for more. */
  end(): Promise<FlowsEnded> {
    if (this.#freed.size === 0) return Promise.resolve({ kind: "ended", count: 0 });
    if (this.#waiting !== undefined) return this.#waiting.promise;
    this.#waiting = Promise.withResolvers<FlowsEnded>();
    const { promise } = this.#waiting;
    const { clock } = this.#deps;
    const pause = this.#notBefore - clock.now();
    if (pause > 0) this.#timer = clock.after("end of connections", millis(pause), () => this.#walk());
    else this.#walk();
    return promise;
  }

  /** What waits is told that nothing came of it. */
  close(): void {
    this.#timer?.[Symbol.dispose]();
    this.#waiting?.resolve({ kind: "failed", detail: "the exit ends" });
    this.#waiting = undefined;
  }

  #walk(): void {
    const { clock, flows } = this.#deps;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const freed = this.#freed.current();
    const begun = clock.now();
    const ended = flows.end(new Set([...freed.keys()] as readonly string[] as readonly IpAddress[]));
    const now = clock.now();
    this.#notBefore = millis(now + Math.min(longestPause, share * (now - begun)));
    if (ended.kind === "ended") this.#freed.settle(freed);
    waiting?.resolve(ended);
  }
}

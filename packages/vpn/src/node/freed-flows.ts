/**
 * Ends what is tracked of addresses that were left, so that no answer comes to whoever has one next: nobody is given them before. The kernel walks through
 * all that it tracks for it, and nothing else happens in this process meanwhile: so the walks are some time apart, for all that came in between.
 */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { FlowsEnded, PeerFlows } from "./peer-flows.ts";
import type { Troubles } from "./troubles.ts";
import { Unsettled } from "./unsettled.ts";

export interface FreedFlowsDeps {
  readonly flows: Pick<PeerFlows, "end">;
  readonly clock: Pick<Clock, "now" | "after">;
  readonly troubles: Pick<Troubles, "begin" | "end">;
}

/** From the first address until the walk, and from one walk to the next; less than the shortest quarantine. */
const gathering = millis(250);
/** As many times as long as a walk took is it until the next at least. */
const share = 4;
const afterFailure = millis(1_000);

export class FreedFlows implements Disposable {
  readonly #deps: FreedFlowsDeps;
  readonly #freed = new Unsettled();
  #timer: Timer | undefined;
  #notBefore: Millis = millis(0);

  constructor(deps: FreedFlowsDeps) {
    this.#deps = deps;
  }

  /** Nobody may send from them any more. */
  ask(addresses: Iterable<string>): void {
    this.#freed.ask(addresses);
    this.#arm(gathering);
  }

  /** Something may be tracked of whoever had it. */
  has(address: string): boolean {
    return this.#freed.has(address);
  }

  /** Now, all that was asked for. What failed is tried again. */
  end(): FlowsEnded {
    const { clock, flows, troubles } = this.#deps;
    if (this.#freed.size === 0) return { kind: "ended", count: 0 };
    const freed = this.#freed.current();
    const begun = clock.now();
    const ended = flows.end(new Set([...freed.keys()] as readonly string[] as readonly IpAddress[]));
    const now = clock.now();
    this.#notBefore = millis(now + share * (now - begun));
    if (ended.kind === "ended") {
      this.#freed.settle(freed);
      troubles.end("connections");
    } else {
      troubles.begin("connections", `connections are still tracked: ${ended.detail}`);
      this.#arm(afterFailure);
    }
    return ended;
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  #arm(delay: Millis): void {
    if (this.#timer !== undefined || this.#freed.size === 0) return;
    const { clock } = this.#deps;
    const pause = millis(Math.max(delay, this.#notBefore - clock.now()));
    this.#timer = clock.after("end of connections", pause, () => {
      this.#timer = undefined;
      this.end();
    });
  }
}

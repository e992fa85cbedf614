/** Tells what was done with the wheel: to the log, the metrics and whoever listens, in that order. */
import type { Log } from "@ropewalk/ops/log";
import type { Counter, Metrics } from "@ropewalk/ops/metrics";
import type { SteeringAction, SteeringEvent } from "../steering-event.ts";

const warnings: ReadonlySet<SteeringAction> = new Set(["refused", "put-off"]);

export class SteeringRecord {
  readonly #log: Log;
  readonly #actions: Counter<"action">;
  readonly #listeners = new Set<(event: SteeringEvent) => void>();

  constructor({ log, metrics }: { readonly log: Log; readonly metrics: Metrics }) {
    this.#log = log;
    this.#actions = metrics.counter<"action">({
      name: "ropewalk_backhaul_steering_actions_total",
      help: "What was done to the machine's traffic, by kind.",
      labels: ["action"],
    });
  }

  subscribe(listener: (event: SteeringEvent) => void): Disposable {
    // A function of its own for each call, so that one listener may subscribe twice.
    const own = (event: SteeringEvent) => listener(event);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  tell(event: SteeringEvent): void {
    const { action, family, uplinkId: uplink, cause, evidence } = event;
    this.#actions.add({ action });
    this.#log[warnings.has(action) ? "warn" : "info"]({ uplink, action, family, cause, evidence }, "steering");
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        this.#log.error({ error, action }, "a subscriber of the steering failed");
      }
    }
  }
}

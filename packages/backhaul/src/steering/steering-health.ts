/** Says by the node's health what is not well with the wheel. */
import { routingProtocol } from "@ropewalk/host/allocations";
import type { NetworkFacts, RouteFacts } from "@ropewalk/host/facts";
import type { HealthRegistry, HealthReporter } from "@ropewalk/ops/health";
import { complaintOf } from "../pure/steering/complaint.ts";
import type { SteeringStatus } from "./steering-status.ts";

export interface SteeringHealthDeps {
  readonly health: HealthRegistry;
  readonly network: { readonly facts: Pick<NetworkFacts, "routes"> };
  /** What this process lacks to change the machine; undefined when it lacks nothing. */
  readonly lack: string | undefined;
}

/** The caller disposes it; it is not part of the node's health any more then. */
export class SteeringHealth implements Disposable {
  readonly #deps: SteeringHealthDeps;
  readonly #reporter: HealthReporter;

  constructor(deps: SteeringHealthDeps) {
    this.#deps = deps;
    this.#reporter = deps.health.subsystem("steering");
  }

  report({ standing, unmet }: SteeringStatus): void {
    const { lack, network } = this.#deps;
    const isOurs = ({ protocol }: RouteFacts) => protocol === routingProtocol;
    const leftovers = () => network.facts.routes.filter(isOurs).length;
    const complaint = complaintOf(standing, { unmet, lack, leftovers });
    if (complaint === undefined) this.#reporter.healthy();
    else this.#reporter.report("degraded", complaint);
  }

  [Symbol.dispose](): void {
    this.#reporter[Symbol.dispose]();
  }
}

/**
 * How well an end is, looked at whenever somebody asks or something was told: a source without a lane and a destination that listens
 * nowhere are not ready, and an identity that could not be read again is told until one could.
 */
import type { HealthRegistry, HealthReporter } from "@ropewalk/ops/health";
import type { ReachStatus, TunnelStatus } from "@ropewalk/tunnel/status";
import type { TunnelEvent } from "@ropewalk/tunnel/tunnel-event";
import type { TunnelRole } from "../../paths.ts";

export class EndHealth {
  readonly #status: () => TunnelStatus;
  readonly #role: TunnelRole;
  readonly #way: HealthReporter;
  readonly #identity: HealthReporter;

  constructor(health: Pick<HealthRegistry, "subsystem">, role: TunnelRole, status: () => TunnelStatus) {
    this.#status = status;
    this.#role = role;
    this.#way = health.subsystem("lane");
    this.#identity = health.subsystem("identity");
    this.#identity.healthy();
    this.look();
  }

  look(): void {
    const fault = faultOf(this.#status());
    if (fault === undefined) this.#way.healthy();
    else this.#way.report("unhealthy", fault);
  }

  heed(event: TunnelEvent): void {
    if (event.kind === "identity-kept") this.#identity.report("degraded", event.reason);
    else if (event.kind === "identity-changed") this.#identity.healthy();
    else if (event.kind === "failed") this.#identity.report("unhealthy", event.reason);
    // A destination's listeners are no matter of its events, and it may have a thousand sessions to make a picture of.
    if (this.#role === "source") this.look();
  }
}

/** Why nothing can come through; undefined when something can. */
function faultOf(status: TunnelStatus): string | undefined {
  switch (status.role) {
    case "source":
      return reachFault(status.reach);
    case "destination":
      return status.listeners.length === 0 ? "no source can come: it listens nowhere" : undefined;
  }
}

function reachFault(reach: ReachStatus): string | undefined {
  switch (reach.kind) {
    case "up":
      return undefined;
    case "seeking":
      return `there is no lane to a destination${reach.lastFailure === null ? "" : `: ${reach.lastFailure}`}`;
    case "offline":
      return "there is no lane, and no path to anywhere";
    case "stopped":
      return "there is no lane, and none is sought: it was stopped";
  }
}

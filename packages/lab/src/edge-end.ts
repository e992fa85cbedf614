/** Faults of an uplink that are edge's own: how its kernel filters and where its routes lead. */
import { type Change, timed } from "./change.ts";
import { LabError } from "./errors.ts";
import type { LabNetwork } from "./lab-network.ts";
import type { EdgeFaults } from "./pure/faults.ts";
import { defaultRouteLines } from "./pure/ip-plan.ts";
import type { Uplink } from "./pure/topology.ts";

const whole: EdgeFaults = { reversePath: "loose", routes: "present" };

export class EdgeEnd {
  readonly #network: LabNetwork;
  #faults: EdgeFaults = whole;

  constructor(network: LabNetwork) {
    this.#network = network;
  }

  get faults(): EdgeFaults {
    return this.#faults;
  }

  /** RFC 3704 §2.2: what would not be answered by the same interface is dropped. */
  strict(uplink: Uplink): Promise<Change> {
    return timed(async () => {
      await this.#filter(uplink, "1");
      this.#faults = { ...this.#faults, reversePath: "strict" };
    });
  }

  unroute(uplink: Uplink): Promise<Change> {
    if (uplink.addressing !== "static") {
      throw new LabError("LAB_BAD_REQUEST", `only the routes of static uplinks can be taken, ${uplink.name} is none`);
    }
    return timed(async () => {
      const lines = this.#faults.routes === "absent" ? [] : defaultRouteLines(uplink);
      const at = await this.#network.ip(
        "edge",
        lines.map((line) => line.replace("replace", "del")),
      );
      this.#faults = { ...this.#faults, routes: "absent" };
      return at;
    });
  }

  /** Ends both. */
  async mend(uplink: Uplink): Promise<void> {
    if (this.#faults.reversePath === "strict") await this.#filter(uplink, "0");
    if (this.#faults.routes === "absent") await this.#network.ip("edge", defaultRouteLines(uplink));
    this.#faults = whole;
  }

  async #filter(uplink: Uplink, value: "0" | "1"): Promise<void> {
    const write = ["-c", 'echo "$2" >"/proc/sys/net/ipv4/conf/$1/rp_filter"', "filter", uplink.name, value];
    await this.#network.host("edge").exec("sh", write);
  }
}

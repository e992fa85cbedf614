/**
 * A whole small internet in namespaces: client – edge – ISPs – core – resolvers and targets, and the verbs that break
 * and mend it. Every name and address comes from `pure/topology.ts`; this file owns the state that verbs change.
 */
import type { Millis } from "@ropewalk/kernel/units";
import { LabError } from "./errors.ts";
import type { LabHost } from "./lab-host.ts";
import { LabNetwork } from "./lab-network.ts";
import type { Flapping } from "./link-switch.ts";
import { describeHosts, describeResolvers } from "./pure/host-files.ts";
import {
  type Ifindexes,
  interfaces,
  lanSubnets,
  mostUplinks,
  planUplink,
  servers,
  type Uplink,
  type UplinkOptions,
} from "./pure/topology.ts";
import { buildTopology } from "./topology-builder.ts";

export interface LabOptions {
  /** How many uplinks, 1…16, or what each one is like; default 3. They are named wan0, wan1, … */
  readonly uplinks?: number | readonly UplinkOptions[];
  /** Default `equal`, as on physical interfaces. */
  readonly ifindexes?: Ifindexes;
}

/** CLOCK_MONOTONIC in nanoseconds (`process.hrtime.bigint()` of any process) just before the change was made. */
export interface Change {
  readonly at: bigint;
}

/** Builds the lab. Throws LAB_UNSUPPORTED, LAB_BAD_REQUEST, LAB_START_FAILED. The caller disposes of it. */
export async function createLab(options: LabOptions = {}): Promise<Lab> {
  const ifindexes = options.ifindexes ?? "equal";
  const uplinks = planUplinks(options.uplinks ?? 3);
  const addresses = (role: "resolver" | "target") =>
    servers
      .filter((place) => place.role === role)
      .flatMap(({ name, subnets }) => subnets.map(({ member }) => ({ name, address: member })));
  const site = lanSubnets.flatMap(({ router, member }) => [
    { name: "edge", address: router },
    { name: "client", address: member },
  ]);
  await using unwinding = new AsyncDisposableStack();
  const network = unwinding.use(
    await LabNetwork.open({
      resolvConf: describeResolvers(addresses("resolver").map(({ address }) => address)),
      hostsFile: describeHosts([...site, ...addresses("resolver"), ...addresses("target")]),
    }),
  );
  await buildTopology(network, ifindexes, uplinks);
  unwinding.move();
  return new Lab(network, ifindexes, uplinks);
}

export class Lab implements AsyncDisposable {
  readonly ifindexes: Ifindexes;
  readonly #network: LabNetwork;
  readonly #uplinks: Map<number, Uplink>;

  constructor(network: LabNetwork, ifindexes: Ifindexes, uplinks: readonly Uplink[]) {
    this.#network = network;
    this.ifindexes = ifindexes;
    this.#uplinks = new Map(uplinks.map((uplink) => [uplink.slot, uplink]));
  }

  /** Throws LAB_BAD_REQUEST, which lists the hosts there are. */
  host(name: string): LabHost {
    return this.#network.host(name);
  }

  get hostNames(): readonly string[] {
    return this.#network.hostNames;
  }

  get uplinks(): readonly Uplink[] {
    return [...this.#uplinks.values()];
  }

  /** The uplink that edge calls `name` now. Throws LAB_BAD_REQUEST, which lists the uplinks there are. */
  uplink(name: string): Uplink {
    const found = this.uplinks.find((uplink) => uplink.name === name);
    if (found !== undefined) return found;
    const names = this.uplinks.map((uplink) => uplink.name).join(", ");
    throw new LabError("LAB_BAD_REQUEST", `no uplink is called "${name}"; there are ${names}`);
  }

  /** Takes the carrier away from edge: the ISP's end goes down. */
  async cut(name: string): Promise<Change> {
    return { at: await this.#switch(this.uplink(name), false) };
  }

  /** Makes the uplink whole again. */
  async heal(name: string): Promise<Change> {
    return { at: await this.#switch(this.uplink(name), true) };
  }

  /** Takes the carrier away and gives it back, once each `period`, until stopped. */
  async flap(name: string, period: Millis): Promise<Flapping> {
    const uplink = this.uplink(name);
    return this.#network.linkSwitch.flap(this.host(uplink.isp), interfaces.customer, period);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#network[Symbol.asyncDispose]();
  }

  #switch(uplink: Uplink, up: boolean): Promise<bigint> {
    return this.#network.linkSwitch.set(this.host(uplink.isp), interfaces.customer, up);
  }
}

function planUplinks(wanted: number | readonly UplinkOptions[]): readonly Uplink[] {
  const list = typeof wanted === "number" ? Array.from({ length: wanted }, (): UplinkOptions => ({})) : wanted;
  if (list.length < 1 || list.length > mostUplinks) {
    throw new LabError("LAB_BAD_REQUEST", `a lab has 1 to ${mostUplinks} uplinks, not ${list.length}`);
  }
  return list.map((options, slot) => planUplink(slot, `wan${slot}`, 0, options));
}

/**
 * Follows how this machine reaches the outside: a family of the pools without a default route is told, and when addresses or default routes change
 * the device is told its peers' endpoints anew, for wireguard-go goes on sending from an address that is gone.
 */
import type { NetworkFacts } from "@ropewalk/host/facts";
import type { Native } from "@ropewalk/host/linux/native";
import { createNetworkWatch } from "@ropewalk/host/linux/network-watch";
import type { NetworkWatch } from "@ropewalk/host/ports";
import type { Family } from "@ropewalk/kernel/addresses";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { millis } from "@ropewalk/kernel/units";
import type { HealthReporter } from "@ropewalk/ops/health";
import type { Log } from "@ropewalk/ops/log";
import { egressOf, familiesWithoutWay } from "./egress.ts";

export interface EgressWatchDeps {
  readonly native: Native;
  readonly clock: Clock;
  readonly log: Log;
  readonly health: HealthReporter;
  /** Of the tunnel, whose own addresses are nobody's way out. */
  readonly interface: string;
  readonly families: readonly Family[];
  readonly onMoved: () => Promise<void>;
  /** The tunnel's interface is not there. */
  readonly onDeviceGone: () => void;
}

/** A change of uplink is several messages of the kernel. */
const settleTime = millis(100);

export class EgressWatch implements AsyncDisposable {
  readonly #deps: EgressWatchDeps;
  readonly #network: NetworkWatch;
  readonly #subscription: Disposable;
  #egress: string;
  #timer: Timer | undefined;

  /** Throws HOST_NETLINK. */
  static async open(deps: EgressWatchDeps): Promise<EgressWatch> {
    const network = await createNetworkWatch(deps.native, deps.clock, {
      keepRoute: ({ destination, type }) => destination.length === 0 && type === "unicast",
    });
    return new EgressWatch(deps, network);
  }

  private constructor(deps: EgressWatchDeps, network: NetworkWatch) {
    this.#deps = deps;
    this.#network = network;
    this.#egress = egressOf(network.facts, deps.interface);
    this.#subscription = network.subscribe(() => this.#heed());
    this.#judge(network.facts);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    this.#subscription[Symbol.dispose]();
    await this.#network[Symbol.asyncDispose]();
  }

  #heed(): void {
    this.#timer ??= this.#deps.clock.after("a change of the way out", settleTime, () => {
      this.#timer = undefined;
      void this.#look();
    });
  }

  async #look(): Promise<void> {
    const { facts } = this.#network;
    if (![...facts.links.values()].some(({ name }) => name === this.#deps.interface)) this.#deps.onDeviceGone();
    const egress = egressOf(facts, this.#deps.interface);
    if (egress === this.#egress) return;
    this.#egress = egress;
    this.#judge(facts);
    const { log, onMoved } = this.#deps;
    try {
      await onMoved();
      log.info({}, "the way out has changed, and the device knows");
    } catch (error) {
      log.warn({ reason: describeError(error) }, "the way out has changed, and the device could not be told");
    }
  }

  #judge(facts: NetworkFacts): void {
    const { health, families } = this.#deps;
    const lacking = familiesWithoutWay(facts, this.#deps.interface, families);
    if (lacking.length === 0) {
      health.healthy();
      return;
    }
    const names = lacking.map((family) => (family === "ipv4" ? "IPv4" : "IPv6")).join(" and ");
    health.report("degraded", `this machine has no default route for ${names}: what peers send goes nowhere`);
  }
}

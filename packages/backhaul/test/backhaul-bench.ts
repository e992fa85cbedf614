/** A backhaul on a network in memory, with a clock moved by hand: what the tests of the service are made on. */

import type { BackhaulConfig } from "@ropewalk/backhaul/config";
import { noDecisionLog } from "@ropewalk/backhaul/io/decision-log";
import { orderMemoryMigrations } from "@ropewalk/backhaul/io/order-memory";
import type { ProbeRunner } from "@ropewalk/backhaul/io/probes/probe-runner";
import { uplinkMemoryMigrations } from "@ropewalk/backhaul/io/uplink-memory";
import { keepRoute } from "@ropewalk/backhaul/pure/default-routes";
import type { ResolverFacts } from "@ropewalk/backhaul/pure/resolver-facts";
import { type BackhaulDeps, type BackhaulService, createBackhaul } from "@ropewalk/backhaul/service";
import type { BackhaulEvent, UplinkStatus } from "@ropewalk/backhaul/status";
import type { LinkFacts } from "@ropewalk/host/facts";
import { FakeNetwork } from "@ropewalk/host/fake/fake-network";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { millis } from "@ropewalk/kernel/units";
import { HealthRegistry } from "@ropewalk/ops/health";
import { createLog } from "@ropewalk/ops/log";
import { createMetrics, type Metrics } from "@ropewalk/ops/metrics";
import { openStore, type Store } from "@ropewalk/ops/store";
import { machineConfig } from "./pure/machine-fixture.ts";

export const watchOnly: BackhaulConfig = machineConfig();

/** Asks nobody anything: what is not probed needs no more. */
export const noProbes: ProbeRunner = {
  run: () => {
    throw new Error("a probe was asked for though probing is off");
  },
  follow: () => {},
  [Symbol.asyncDispose]: async () => {},
};

export const noResolvers: ResolverFacts = {
  networkManager: { kind: "absent", reason: "no bus" },
  networkd: { kind: "absent" },
  lease: { kind: "none", unreadable: [] },
  resolvConf: { kind: "absent" },
};

/** Sources that say what a test sets, by interface name. */
export class SetSources {
  readonly facts = new Map<string, ResolverFacts>();
  readonly #listeners = new Set<() => void>();

  read(_ifindex: number, interfaceName: string): ResolverFacts {
    return this.facts.get(interfaceName) ?? noResolvers;
  }

  watch(onChange: () => void): Disposable {
    this.#listeners.add(onChange);
    return { [Symbol.dispose]: () => void this.#listeners.delete(onChange) };
  }

  set(interfaceName: string, facts: Partial<ResolverFacts>): void {
    this.facts.set(interfaceName, { ...noResolvers, ...facts });
    for (const listener of this.#listeners) listener();
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Everything that a service stands on; `start` makes one, again and again on the same network and store. */
export class BackhaulBench {
  readonly clock: FakeClock = new FakeClock();
  readonly network: FakeNetwork = new FakeNetwork(this.clock, { keepRoute });
  readonly sources: SetSources = new SetSources();
  readonly lines: string[] = [];
  readonly events: BackhaulEvent[] = [];
  store: Pick<Store, "all" | "run" | "transaction"> = openStore(":memory:", {
    migrations: [...uplinkMemoryMigrations, ...orderMemoryMigrations],
    clock: this.clock,
  }).store;
  health: HealthRegistry = new HealthRegistry({ clock: this.clock });
  metrics: Metrics = createMetrics();

  async start(config: BackhaulConfig = watchOnly): Promise<BackhaulService> {
    this.health = new HealthRegistry({ clock: this.clock });
    this.metrics = createMetrics();
    const service = await createBackhaul(config, this.deps());
    service.subscribe((event) => this.events.push(event));
    return service;
  }

  deps(): BackhaulDeps {
    const { clock, network, sources, store, health, metrics } = this;
    const destination = { write: (line: string) => void this.lines.push(line) };
    const log = createLog({ level: "debug", format: "json", destination, clock });
    return {
      clock,
      network,
      reader: network,
      sources,
      store,
      health,
      metrics,
      log,
      probes: () => noProbes,
      decisions: noDecisionLog,
    };
  }

  /** A link with address, gateway and default route. */
  addUplink(name: string, octet: number, link: Partial<LinkFacts> & { readonly metric?: number } = {}): LinkFacts {
    const { metric = 100, ...rest } = link;
    let made: LinkFacts | undefined;
    this.network.together(() => {
      made = this.network.addLink({ ...rest, name });
      this.network.addAddress(made.ifindex, `192.0.${octet}.2/24`);
      this.network.addRoute({ via: `192.0.${octet}.1`, ifindex: made.ifindex, metric });
    });
    if (made === undefined) throw new Error("no link was made");
    return made;
  }

  /** Lets deferred reads and saves happen. */
  settle(): void {
    this.clock.advance(millis(1));
  }

  /** The events since the last call. */
  taken(): readonly BackhaulEvent[] {
    return this.events.splice(0);
  }
}

export function uplinkNamed(service: BackhaulService, name: string): UplinkStatus {
  const found = service.status().uplinks.find((uplink) => uplink.name === name);
  if (found === undefined) throw new Error(`no uplink is named ${name}`);
  return found;
}

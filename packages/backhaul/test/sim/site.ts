/** A site whose backhaul runs on simulated uplinks: the whole service, the network in memory, one virtual clock. */
import { type BackhaulConfig, backhaulSection } from "@ropewalk/backhaul/config";
import { type DecisionRecorder, noDecisionLog } from "@ropewalk/backhaul/io/decision-log";
import { orderMemoryMigrations } from "@ropewalk/backhaul/io/order-memory";
import { uplinkMemoryMigrations } from "@ropewalk/backhaul/io/uplink-memory";
import { keepRoute } from "@ropewalk/backhaul/pure/default-routes";
import { type BackhaulService, createBackhaul } from "@ropewalk/backhaul/service";
import type { ProbeProfileName } from "@ropewalk/backhaul/status";
import type { LinkCounters } from "@ropewalk/host/facts";
import { FakeNetwork } from "@ropewalk/host/fake/fake-network";
import type { Family } from "@ropewalk/kernel/addresses";
import { InternalError } from "@ropewalk/kernel/errors";
import type { Millis } from "@ropewalk/kernel/units";
import { HealthRegistry } from "@ropewalk/ops/health";
import { createLog } from "@ropewalk/ops/log";
import { createMetrics } from "@ropewalk/ops/metrics";
import { openStore } from "@ropewalk/ops/store";
import { SetSources } from "../backhaul-bench.ts";
import { type CarriedTraffic, countersOf, type QueueTraffic } from "./interface-counters.ts";
import { cut, heal, SimInternet, type SimUplink } from "./internet.ts";
import { Observer } from "./observer.ts";
import { rightAddresses, SimProbeRunner } from "./sim-probe-runner.ts";
import { goodLine } from "./weather.ts";

export interface SiteOptions {
  readonly seed: number;
  readonly profile: ProbeProfileName;
  /** Those that the uplinks have addresses of; IPv4 alone by default. */
  readonly families?: readonly Family[];
  /** Whose traffic fills the queues: the site's own (the default), which the interface's counters see, or that of others. */
  readonly queueTraffic?: QueueTraffic;
  /** What every step is told to. */
  readonly decisions?: DecisionRecorder;
  /** Keys of `[backhaul]` besides, as TOML has them. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Two uplinks, `wan0` liked better than `wan1`. */
export class Site implements AsyncDisposable {
  readonly internet: SimInternet;
  readonly network: FakeNetwork;
  readonly observer: Observer;
  readonly uplinks: readonly [SimUplink, SimUplink];
  readonly config: BackhaulConfig;
  readonly health: HealthRegistry;
  /** What people do on an uplink, by its name. */
  readonly traffic = new Map<string, CarriedTraffic>();
  readonly #queueTraffic: QueueTraffic;
  readonly #decisions: DecisionRecorder;
  readonly #ifindexes = new Map<string, number>();
  #runner: SimProbeRunner | undefined;
  #service: BackhaulService | undefined;

  constructor(options: SiteOptions) {
    this.config = configOf(options);
    this.#queueTraffic = options.queueTraffic ?? "own";
    this.#decisions = options.decisions ?? noDecisionLog;
    const targets = this.config.probe.target.map(({ address }) => address);
    this.internet = new SimInternet(options.seed, [...targets, ...rightAddresses]);
    this.health = new HealthRegistry({ clock: this.internet.site.clock });
    this.network = new FakeNetwork(this.internet.site.clock, { keepRoute });
    const { families = ["ipv4"] } = options;
    this.uplinks = [this.#addUplink("wan0", 100, families), this.#addUplink("wan1", 200, families)];
    this.observer = new Observer(
      () => this.internet.now,
      (name) => this.uplinks.some((uplink) => uplink.name === name && !uplink.wire.there.isCut),
    );
  }

  get runner(): SimProbeRunner {
    if (this.#runner === undefined) throw new InternalError("the site was not started");
    return this.#runner;
  }

  get service(): BackhaulService {
    if (this.#service === undefined) throw new InternalError("the site was not started");
    return this.#service;
  }

  async start(): Promise<void> {
    const { network } = this;
    const { clock } = this.internet.site;
    this.#service = await createBackhaul(this.config, {
      network,
      reader: { device: (name) => network.device(name), counters: () => this.#counters() },
      sources: new SetSources(),
      store: openStore(":memory:", { migrations: [...uplinkMemoryMigrations, ...orderMemoryMigrations], clock }).store,
      clock,
      log: createLog({ level: "error", format: "json", destination: { write: () => {} }, clock }),
      metrics: createMetrics(),
      health: this.health,
      probes: (onOutcome) => {
        this.#runner = new SimProbeRunner(this.internet, onOutcome);
        return this.#runner;
      },
      decisions: this.#decisions,
    });
    this.#service.subscribe((event) => this.observer.take(event));
    // What was chosen before anybody could subscribe.
    this.observer.choose(this.#service.status().decisions.overall);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service?.[Symbol.asyncDispose]();
  }

  run(time: Millis): void {
    this.internet.net.run(time);
  }

  cut(uplink: SimUplink): void {
    this.observer.truthChanges();
    cut(uplink);
  }

  heal(uplink: SimUplink): void {
    this.observer.truthChanges();
    heal(uplink);
  }

  /** Pulls the cable, or puts it in. */
  setCarrier(uplink: SimUplink, hasCarrier: boolean): void {
    if (hasCarrier) this.heal(uplink);
    else this.cut(uplink);
    this.network.setCarrier(this.#ifindexes.get(uplink.name) ?? 0, hasCarrier);
  }

  #counters(): ReadonlyMap<number, LinkCounters> {
    return new Map(
      this.uplinks.map(({ name, wire }) => {
        return [this.#ifindexes.get(name) ?? 0, countersOf(wire, this.#queueTraffic, this.traffic.get(name))];
      }),
    );
  }

  #addUplink(name: string, metric: number, families: readonly Family[]): SimUplink {
    const uplink = this.internet.addUplink(name, goodLine);
    this.network.together(() => {
      const { ifindex } = this.network.addLink({ name });
      this.#ifindexes.set(name, ifindex);
      for (const family of families) {
        const { source, gateway } = uplink[family];
        this.network.addAddress(ifindex, `${source}/${prefixLength[family]}`);
        this.network.addRoute({ to: family === "ipv4" ? "default" : "default6", via: gateway, ifindex, metric });
      }
    });
    return uplink;
  }
}

const prefixLength: Readonly<Record<Family, number>> = { ipv4: 24, ipv6: 64 };

function configOf({ profile, settings = {} }: SiteOptions): BackhaulConfig {
  return backhaulSection.schema.parse({
    probe: { profile, metered_profile: profile },
    uplink: [
      { interface: "wan0", resolvers: ["192.0.2.53", "2001:db8:2::53"] },
      { interface: "wan1", resolvers: ["192.0.3.53", "2001:db8:3::53"] },
    ],
    ...settings,
  });
}

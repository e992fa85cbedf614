/**
 * The backhaul's shell: it feeds the pure machine with what the host sees and does what the machine says. From a change of
 * the network to the last subscriber everything is one synchronous call; what is slow to read comes later, as an input.
 */
import type { LinkCounters } from "@ropewalk/host/facts";
import type { NetworkReader, NetworkWatch } from "@ropewalk/host/ports";
import type { Clock } from "@ropewalk/kernel/clock";
import type { Connectivity } from "@ropewalk/kernel/connectivity";
import { Latest, type Watched } from "@ropewalk/kernel/latest";
import { Listeners } from "@ropewalk/kernel/listeners";
import { millis } from "@ropewalk/kernel/units";
import type { HealthRegistry, HealthReporter } from "@ropewalk/ops/health";
import type { Log } from "@ropewalk/ops/log";
import type { Counter, Metrics } from "@ropewalk/ops/metrics";
import type { Store } from "@ropewalk/ops/store";
import { ChangeHistory } from "./change-history.ts";
import type { BackhaulConfig } from "./config.ts";
import { EventRecord } from "./event-record.ts";
import type { BackhaulExplanation } from "./explanation.ts";
import type { HealthCounts } from "./health-counts.ts";
import { registerHealthMetrics } from "./health-metrics.ts";
import type { DecisionRecorder } from "./io/decision-log.ts";
import { DeferredReads } from "./io/deferred-reads.ts";
import type { OnOutcome, ProbeRunner } from "./io/probes/probe-runner.ts";
import type { ResolverSources } from "./io/resolver-sources.ts";
import { ProbingShell } from "./probing-shell.ts";
import { explain } from "./pure/explain.ts";
import { initialState, step } from "./pure/machine.ts";
import { outcomeOf } from "./pure/order-taking.ts";
import type { OperatorOrder, OrderOutcome } from "./pure/orders.ts";
import type { BackhaulEffect, BackhaulInput, BackhaulState } from "./pure/state.ts";
import { RememberingShell } from "./remembering-shell.ts";
import { degradation } from "./service-health.ts";
import { registerBackhaulMetrics } from "./service-metrics.ts";
import type { BackhaulEvent, BackhaulStatus, UplinkStatus } from "./status.ts";
import { countersOf } from "./uplink-counters.ts";

/** All are the caller's: they must outlive the service, and the service disposes of none. */
export interface BackhaulDeps {
  /** Must keep at least the routes for which `keepRoute` is true. */
  readonly network: NetworkWatch;
  readonly reader: Pick<NetworkReader, "counters" | "device">;
  readonly sources: ResolverSources;
  readonly store: Pick<Store, "all" | "run" | "transaction">;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly health: HealthRegistry;
  /** Makes what asks the probes; the service disposes of it. */
  readonly probes: (onOutcome: OnOutcome) => ProbeRunner;
  readonly decisions: DecisionRecorder;
}

export interface BackhaulService extends AsyncDisposable {
  readonly connectivity: Watched<Connectivity>;
  /** The picture now, with counters read for this call. */
  status(): BackhaulStatus;
  /** Why each uplink is judged and chosen as it is, with the evidence of this moment. */
  explain(): BackhaulExplanation;
  /** The newest state, of which `observe` tells before anybody hears of its events. */
  readonly state: BackhaulState;
  /** For who moves traffic: the listener is called in the middle of the change, must not throw, and should be quick. */
  observe(listener: (state: BackhaulState) => void): Disposable;
  /** Calls `listener` for every change, in order and before the change's cause returns. A listener that throws is logged. */
  subscribe(listener: (event: BackhaulEvent) => void): Disposable;
  /** Follows or refuses an order of the operator; what it changes was told when this returns, except to a listener that calls it. */
  order(order: OperatorOrder): OrderOutcome;
  /** Applies a new configuration at once. */
  reconfigure(config: BackhaulConfig): void;
}

/** Starts to watch; the picture is complete when this resolves. */
export async function createBackhaul(config: BackhaulConfig, deps: BackhaulDeps): Promise<BackhaulService> {
  const service = new Backhaul(config, deps);
  try {
    service.start();
    return service;
  } catch (error) {
    await service[Symbol.asyncDispose]();
    throw error;
  }
}

class Backhaul implements BackhaulService {
  readonly connectivity: Latest<Connectivity> = new Latest(initialState.picture.connectivity);
  readonly #deps: BackhaulDeps;
  readonly #memory: RememberingShell;
  readonly #reads: DeferredReads;
  readonly #record: EventRecord;
  readonly #health: HealthReporter;
  readonly #events: Counter<"kind">;
  readonly #counts: HealthCounts;
  readonly #history = new ChangeHistory();
  readonly #probing: ProbingShell;
  readonly #listeners = new Set<(event: BackhaulEvent) => void>();
  readonly #observers = new Listeners<[BackhaulState]>();
  readonly #subscriptions = new DisposableStack();
  /** Inputs that a listener caused while one was being taken in; empty again before the outermost call returns. */
  readonly #waiting: BackhaulInput[] = [];
  #config: BackhaulConfig;
  #state: BackhaulState = initialState;
  #isStepping = false;

  constructor(config: BackhaulConfig, deps: BackhaulDeps) {
    const { clock, reader, sources } = deps;
    this.#config = config;
    this.#deps = deps;
    this.#record = new EventRecord(deps);
    this.#reads = new DeferredReads({
      clock,
      reader,
      sources,
      onDevices: (answers) => this.#feed({ kind: "devices", at: clock.now(), answers }),
      onResolvers: (facts) => this.#feed({ kind: "resolvers", at: clock.now(), facts }),
    });
    this.#events = registerBackhaulMetrics(deps.metrics, {
      state: () => this.#state,
      counters: () => this.#readCounters(),
      networkCounts: () => deps.network.counts,
    });
    this.#counts = registerHealthMetrics(deps.metrics, {
      picture: () => this.#state.picture,
      explain: () => this.explain(),
      now: () => clock.now(),
    });
    const counters = () => this.#readCounters();
    const feed = (input: BackhaulInput) => this.#feed(input);
    this.#memory = new RememberingShell({ clock, store: deps.store, feed, onTried: () => this.#reportHealth() });
    this.#probing = new ProbingShell({ clock, probes: deps.probes, counters, counts: this.#counts, feed });
    this.#health = deps.health.subsystem("backhaul");
  }

  start(): void {
    const { network, sources, clock } = this.#deps;
    this.#memory.recall();
    this.#subscriptions.use(network.subscribe(({ at, facts }) => this.#feed({ kind: "network", at, facts })));
    this.#subscriptions.use(sources.watch(() => this.#refresh()));
    this.#feed({ kind: "network", at: clock.now(), facts: network.facts });
    this.#reads.runNow();
    this.#reportHealth();
  }

  status(): BackhaulStatus {
    const { uplinks, decisions, connectivity } = this.#state.picture;
    const counters = this.#readCounters();
    return {
      probing: this.#config.probe.enabled,
      connectivity,
      uplinks: uplinks.map((uplink): UplinkStatus => ({ ...uplink, counters: countersOf(counters, uplink.ifindex) })),
      decisions,
    };
  }

  subscribe(listener: (event: BackhaulEvent) => void): Disposable {
    // A function of its own for each call, so that one listener may subscribe twice.
    const own = (event: BackhaulEvent) => listener(event);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  explain(): BackhaulExplanation {
    const now = this.#deps.clock.now();
    const { uplinks, ...rest } = explain(this.#state, this.#config, now);
    return {
      ...rest,
      uplinks: uplinks.map((uplink) => ({ ...uplink, probeBytes: this.#counts.bytesOf(uplink.uplinkId, now) })),
      history: this.#history.newestFirst(now),
    };
  }

  get state(): BackhaulState {
    return this.#state;
  }

  observe(listener: (state: BackhaulState) => void): Disposable {
    return this.#observers.add(listener);
  }

  order(order: OperatorOrder): OrderOutcome {
    const outcome = outcomeOf(this.#state, order);
    this.#feed({ kind: "order", at: this.#deps.clock.now(), order });
    return outcome;
  }

  reconfigure(config: BackhaulConfig): void {
    this.#config = config;
    this.#deps.decisions.reconfigure(config.decisionLog);
    this.#feed({ kind: "config", at: this.#deps.clock.now() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscriptions.dispose();
    await this.#probing[Symbol.asyncDispose]();
    this.#reads[Symbol.dispose]();
    this.#memory[Symbol.dispose]();
    this.#listeners.clear();
    this.#health[Symbol.dispose]();
  }

  #feed(input: BackhaulInput): void {
    this.#waiting.push(input);
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#take(next);
    } finally {
      this.#isStepping = false;
    }
  }

  #take(input: BackhaulInput): void {
    const before = this.#state;
    const { state, effects } = step(before, input, this.#config);
    this.#state = state;
    if (state.picture !== before.picture || state.network !== before.network) this.#observers.emit(state);
    this.#deps.decisions.record({ input, before, config: this.#config, effects });
    const { stalls } = before.health;
    if (state.health.stalls.count > stalls.count)
      this.#counts.stalled(millis(state.health.stalls.total - stalls.total));
    const { connectivity } = state.picture;
    if (connectivity !== before.picture.connectivity) this.connectivity.set(connectivity);
    for (const effect of effects) this.#perform(effect);
    if (state.picture !== before.picture || state.orders !== before.orders) this.#reportHealth();
  }

  #perform(effect: BackhaulEffect): void {
    switch (effect.kind) {
      case "publish":
        this.#publish(effect.event);
        break;
      case "read-device":
        this.#reads.askDevice(effect.ifindex, effect.name, effect.isRetry);
        break;
      case "read-resolvers":
        this.#reads.askResolvers(effect.ifindex, effect.name);
        break;
      case "poll-closely":
        this.#deps.network.pollClosely(effect.ifindexes);
        break;
      case "probe":
        this.#probing.probe(effect.request);
        break;
      case "follow":
        this.#probing.follow(effect.paths);
        break;
      case "wake":
        this.#probing.wake(effect.at);
        break;
      case "read-traffic":
        this.#probing.readTraffic(effect.ifindexes);
        break;
      case "save-orders":
        this.#memory.keepOrders(effect.orders);
        break;
      case "save":
        this.#memory.keepUplinks(effect.uplinks);
        break;
    }
  }

  #publish(event: BackhaulEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        this.#deps.log.error({ error, event: event.kind }, "a subscriber of the backhaul failed");
      }
    }
    this.#events.add({ kind: event.kind });
    this.#counts.published(event);
    this.#history.add(event, this.#state.now);
    this.#record.write(event);
  }

  /** Nobody says of which interface a manager, lease or file changed: all that are looked up are looked up again. */
  #refresh(): void {
    this.#memory.catchUp();
    for (const ifindex of this.#state.lookups.keys()) {
      const link = this.#state.network?.links.get(ifindex);
      if (link !== undefined) this.#reads.askResolvers(ifindex, link.name);
    }
  }

  #reportHealth(): void {
    const reason = degradation(this.#state, this.#memory.faults);
    if (reason === undefined) this.#health.healthy();
    else this.#health.report("degraded", reason);
  }

  #readCounters(): ReadonlyMap<number, LinkCounters> {
    try {
      return this.#deps.reader.counters();
    } catch (error) {
      this.#deps.log.warn({ error }, "the interfaces' counters cannot be read");
      return new Map();
    }
  }
}

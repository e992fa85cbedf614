/**
 * Entry's control of the VPN: who asks for a session, a move or an end waits here until its node has answered, or did not in time. The database
 * decides and remembers; this replica may die at any moment, and any other goes on from there.
 */
import { randomUUID } from "node:crypto";
import type { RegistryService } from "@ropewalk/api/proto/vpn/registry";
import type { Clock } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { millis, seconds } from "@ropewalk/kernel/units";
import type { GrpcIdentity } from "@ropewalk/ops/grpc-identity";
import type { GrpcHandlers } from "@ropewalk/ops/grpc-server";
import type { HealthReporter } from "@ropewalk/ops/health";
import type { Log } from "@ropewalk/ops/log";
import type { Metrics } from "@ropewalk/ops/metrics";
import { ControlFigures } from "./io/control-figures.ts";
import type { Database } from "./io/database.ts";
import { Fleet } from "./io/fleet.ts";
import { registryHandlers } from "./io/heartbeats.ts";
import { changeNode, registerNode, viewNodes } from "./io/node-registry.ts";
import { listenForOrders, shareOrders } from "./io/order-hints.ts";
import { OrderSender } from "./io/order-sender.ts";
import { waitingOrders } from "./io/outbox.ts";
import { SessionRequests } from "./io/session-requests.ts";
import { currentSession, listSessions } from "./io/session-views.ts";
import { SessionWaits } from "./io/session-waits.ts";
import { StepQueue } from "./io/step-queue.ts";
import { findCurrent, sweep } from "./io/sweeper.ts";
import { Wake } from "./io/wake.ts";
import type { PresharedKeys } from "./preshared-keys.ts";
import { AddressHints } from "./pure/address-hints.ts";
import type { NodeId } from "./pure/node-fitness.ts";
import type { SessionId } from "./pure/vpn-session.ts";
import type {
  Actor,
  CustomerId,
  EndOutcome,
  MoveOutcome,
  NewNode,
  NodeChange,
  NodeView,
  NodeWish,
  RegisterOutcome,
  SessionRequest,
  SessionView,
  StartOutcome,
  VpnControl,
} from "./vpn-control.ts";
import { usualControl, type VpnControlSettings } from "./vpn-control-settings.ts";

export interface VpnControlDeps {
  /** Migrated; its owner disposes of it behind the service. */
  readonly database: Database;
  /** Of entry, towards nodes. */
  readonly identity: GrpcIdentity;
  readonly presharedKeys: PresharedKeys;
  readonly clock: Clock;
  readonly chance: () => number;
  readonly log: Pick<Log, "info" | "warn">;
  readonly health: HealthReporter;
  readonly metrics: Metrics;
}

const stopWithin = seconds(5);

export class VpnControlService implements VpnControl, AsyncDisposable {
  /** For a GrpcServer: nodes tell of themselves. */
  readonly registry: GrpcHandlers<typeof RegistryService>;
  readonly figures: ControlFigures = new ControlFigures();
  readonly #deps: VpnControlDeps;
  readonly #fleet: Fleet;
  readonly #queue: StepQueue;
  readonly #sender: OrderSender;
  readonly #waits: SessionWaits;
  readonly #requests: SessionRequests;
  readonly #stop = new AbortController();
  #swept: Promise<unknown> = Promise.resolve();
  readonly #hints = new Wake();

  /** Reads the nodes first: rejects with what keeps the database from answering. */
  static async start(deps: VpnControlDeps, settings: VpnControlSettings = usualControl): Promise<VpnControlService> {
    const service = new VpnControlService(deps, settings);
    await service.#refresh();
    service.#swept = Promise.all([service.#sweep(settings), service.#listen()]);
    deps.health.healthy();
    return service;
  }

  private constructor(deps: VpnControlDeps, settings: VpnControlSettings) {
    const { database, clock, chance, identity, presharedKeys } = deps;
    this.#deps = deps;
    this.#fleet = new Fleet(clock);
    this.#waits = new SessionWaits(database, clock);
    this.#sender = new OrderSender({
      ...{ clock, chance, identity, presharedKeys, terms: settings.terms },
      find: (node) => this.#fleet.find(node),
      onAnswer: ({ session }, event) =>
        void this.#queue.do({ kind: "answer", session, event }).catch((error) => this.#warn("a node's answer", error)),
      onFailure: (node, error) => this.#warn(`orders to node ${this.#fleet.find(node)?.name ?? node}`, error),
      onOutOfReach: (node) => void this.#share(node),
    });
    this.#queue = new StepQueue({
      ...{ database, clock, chance, settings, fleet: this.#fleet },
      claim: { by: this.#replica, seconds: settings.claim / 1000 },
      hints: new AddressHints(),
      onStepped: ({ orders, changed, gained, now }, claimedAt) => {
        for (const [node, count] of gained) this.#fleet.note(node, count, now);
        this.#sender.send(orders, millis(claimedAt + settings.claim));
        for (const { session, event } of changed) this.#waits.note(session, event);
      },
    });
    this.#requests = new SessionRequests({
      ...{ queue: this.#queue, waits: this.#waits, fleet: this.#fleet, figures: this.figures, settings },
      refresh: () => this.#refresh(),
    });
    this.registry = registryHandlers({
      ...{ database, settings, presharedKeys },
      onHeard: (heard) => {
        // A node that is new, or elsewhere, is not to wait for the next look.
        if (heard.isNews) void this.#refresh().catch((error) => this.#warn("nodes", error));
        if (heard.wasAhead) void this.#orderAnew(heard.node).catch((error) => this.#warn("a restored node", error));
      },
    });
    this.figures.register(deps.metrics, () => this.#queue.done);
  }

  /** Of this life of this replica: who claims orders. */
  readonly #replica = randomUUID();

  start(request: SessionRequest): Promise<StartOutcome> {
    return this.#requests.start(request);
  }

  end(session: SessionId, customer: CustomerId | undefined, actor: Actor, signal: AbortSignal): Promise<EndOutcome> {
    return this.#requests.end(session, customer, actor, signal);
  }

  move(
    session: SessionId,
    customer: CustomerId | undefined,
    wish: NodeWish,
    actor: Actor,
    signal: AbortSignal,
  ): Promise<MoveOutcome> {
    return this.#requests.move(session, customer, wish, actor, signal);
  }

  current(customer: CustomerId): Promise<SessionView | undefined> {
    return currentSession(this.#deps.database, this.#fleet, customer);
  }

  list(most: number, before: SessionId | undefined): Promise<readonly SessionView[]> {
    return listSessions(this.#deps.database, this.#fleet, most, before);
  }

  nodes(): Promise<readonly NodeView[]> {
    return viewNodes(this.#deps.database);
  }

  async registerNode(node: NewNode, actor: Actor): Promise<RegisterOutcome> {
    return registerNode(this.#deps.database, node, actor);
  }

  async changeNode(node: NodeId, change: NodeChange, actor: Actor): Promise<NodeView | undefined> {
    const view = await changeNode(this.#deps.database, node, change, actor);
    // Whoever asks this replica next has the change; others see it within a second.
    await this.#refresh();
    return view;
  }

  /** What is under way goes to its end, for so long; orders that were not answered by then are for other replicas, which are told. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#queue.close();
    await this.#waits.idle(stopWithin);
    this.#stop.abort();
    await this.#queue.stop(stopWithin);
    await this.#share(undefined);
    this.#sender[Symbol.dispose]();
    this.#waits[Symbol.dispose]();
    await this.#swept;
    this.#deps.health[Symbol.dispose]();
  }

  /** By generations that are later than whatever the node has seen. */
  async #orderAnew(node: NodeId): Promise<void> {
    const sessions = await findCurrent(this.#deps.database, node);
    // A few at a time: others wait for the same counter.
    for (let from = 0; from < sessions.length; from += 256) {
      const some = sessions.slice(from, from + 256);
      await Promise.all(some.map((session) => this.#queue.do({ kind: "event", session, event: { kind: "renew" } })));
    }
  }

  #sweep(settings: VpnControlSettings): Promise<void> {
    const { database, clock, chance, health } = this.#deps;
    return sweep(
      {
        ...{ database, clock, chance, settings, hints: this.#hints },
        claim: { by: this.#replica, seconds: settings.claim / 1000 },
        send: (orders, claimedAt) => this.#sender.send(orders, millis(claimedAt + settings.claim)),
        step: (session, event) => this.#queue.do({ kind: "event", session, event, isIfDue: event.kind === "renew" }),
        outOfReach: () => this.#sender.outOfReach(),
        refresh: async () => {
          await this.#refresh();
          this.figures.orders = await waitingOrders(database);
          health.healthy();
        },
        onFailure: (task, error) => {
          health.report("degraded", `${task}: ${describeError(error)}`);
          this.#warn(task, error);
        },
      },
      this.#stop.signal,
    );
  }

  #listen(): Promise<void> {
    const { database, clock, chance } = this.#deps;
    return listenForOrders(
      {
        ...{ database, clock, chance, replica: this.#replica },
        onHint: () => this.#hints.call(),
        onFailure: (error) => this.#warn("hints of other replicas", error),
      },
      this.#stop.signal,
    );
  }

  async #share(node: NodeId | undefined): Promise<void> {
    try {
      await shareOrders(this.#deps.database, this.#replica, node);
    } catch (error) {
      this.#warn("orders for other replicas", error);
    }
  }

  #refresh(): Promise<void> {
    return this.#fleet.refresh(this.#deps.database);
  }

  #warn(what: string, error: unknown): void {
    this.#deps.log.warn(
      { what, error: describeError(error) },
      "the VPN's control failed at something, and tries again",
    );
  }
}

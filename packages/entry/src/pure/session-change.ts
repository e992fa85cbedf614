/** One transaction's worth of changes to a session: its rows as they become, and the orders that go out behind it. */
import type { Millis } from "@ropewalk/kernel/units";
import { type LeaseTerms, reachOf } from "./lease-terms.ts";
import type { NodeId } from "./node-fitness.ts";
import type { Generation, Place, Placement, PlacementId, PlacementRole } from "./vpn-placement.ts";
import type { SessionOrder, SessionState, SessionStep, VpnSession } from "./vpn-session.ts";

/** The step's time and what it may draw on. */
export interface StepContext {
  /** The database's. */
  readonly now: Millis;
  readonly terms: LeaseTerms;
  /** The next number of a node's counter, which is locked until the transaction ends. */
  readonly draw: (node: NodeId) => Generation;
}

export class SessionChange {
  readonly #context: StepContext;
  readonly #orders: SessionOrder[] = [];
  #session: VpnSession;

  constructor(session: VpnSession, context: StepContext) {
    this.#session = session;
    this.#context = context;
  }

  end(): SessionStep {
    return { session: this.#session, orders: this.#orders };
  }

  become(state: SessionState): this {
    this.#session = { ...this.#session, state };
    return this;
  }

  /** A place that is reserved by the same transaction. */
  come(place: Place): void {
    const { terms, now, draw } = this.#context;
    const coming: Placement = {
      ...place,
      role: "coming",
      generation: draw(place.node),
      mayLastUntil: reachOf(now, terms),
    };
    this.#orders.push({ kind: "place", placement: place.id, generation: coming.generation });
    this.#session = { ...this.#session, placements: [...this.#session.placements, coming] };
  }

  move(to: Place): void {
    const isMoving = this.#with("coming") !== undefined || this.#with("draining") !== undefined;
    if (this.#session.state === "active" && !isMoving) this.come(to);
  }

  placed(id: PlacementId, generation: Generation): void {
    const placement = this.#latest(id, generation);
    if (placement?.role !== "coming") return;
    // The new one carries traffic before the old one is taken away.
    const old = this.#with("current");
    this.#put({ ...placement, role: "current" });
    if (old !== undefined) this.#takeAway(old, "draining");
    if (this.#session.state === "provisioning") this.become("active");
  }

  /** Of a current one it says nothing: what its node has lasts, and who is wanted is ordered again. */
  refused(id: PlacementId, generation: Generation): void {
    const placement = this.#latest(id, generation);
    if (placement?.role === "coming") this.#giveUp(placement);
  }

  removed(id: PlacementId, generation: Generation): void {
    const placement = this.#latest(id, generation);
    if (placement?.role === "draining" || placement?.role === "orphaned") this.#release(placement);
  }

  silent(id: PlacementId, generation: Generation): void {
    const placement = this.#latest(id, generation);
    if (placement?.role === "coming") this.#giveUp(placement);
    else if (placement?.role === "draining") {
      this.#put({ ...placement, role: "orphaned" });
      this.#settle();
    }
  }

  renew(): void {
    const current = this.#with("current");
    if (current === undefined) return;
    const { terms, now, draw } = this.#context;
    const generation = draw(current.node);
    this.#put({ ...current, generation, mayLastUntil: reachOf(now, terms) });
    this.#orders.push({ kind: "place", placement: current.id, generation });
  }

  terminate(): void {
    const { state } = this.#session;
    if (state !== "requested" && state !== "provisioning" && state !== "active") return;
    this.become("terminating");
    const [coming, current] = [this.#with("coming"), this.#with("current")];
    if (coming !== undefined) this.#takeAway(coming, state === "provisioning" ? "draining" : "orphaned");
    // Nobody is told of an older one that drains: it is the node of this one that carries the customer's traffic.
    const older = this.#with("draining");
    if (current !== undefined && older !== undefined) this.#put({ ...older, role: "orphaned" });
    if (current !== undefined) this.#takeAway(current, "draining");
    this.#settle();
  }

  /** What no node may have any more is free. */
  lapse(): void {
    for (const placement of this.#session.placements) {
      const isLapsed = placement.mayLastUntil <= this.#context.now;
      if (isLapsed && (placement.role === "draining" || placement.role === "orphaned")) this.#release(placement);
    }
  }

  /**
   * A node that was to have it cannot, or does not answer: the session stays where it is, and one that was nowhere has failed. Its order
   * may still be on its way, or be repeated by a snapshot: it is free only when the node says so, or when nobody can take it any more.
   */
  #giveUp(coming: Placement): void {
    this.#takeAway(coming, "orphaned");
    if (this.#session.state === "provisioning") this.become("failed");
  }

  #takeAway(placement: Placement, role: "draining" | "orphaned"): void {
    const generation = this.#context.draw(placement.node);
    this.#put({ ...placement, role, generation });
    this.#orders.push({ kind: "remove", placement: placement.id, generation });
  }

  #release(placement: Placement): void {
    this.#put({ ...placement, role: "released" });
    this.#settle();
  }

  /** A session is over for its customer when no node that is waited for has its peer: one that does not answer loses it by its lease. */
  #settle(): void {
    if (this.#session.state === "terminating" && this.#with("draining") === undefined) this.become("terminated");
  }

  #with(role: PlacementRole): Placement | undefined {
    return this.#session.placements.find((placement) => placement.role === role);
  }

  #latest(id: PlacementId, generation: Generation): Placement | undefined {
    return this.#session.placements.find((placement) => placement.id === id && placement.generation === generation);
  }

  #put(changed: Placement): void {
    const placements = this.#session.placements.map((placement) => (placement.id === changed.id ? changed : placement));
    this.#session = { ...this.#session, placements };
  }
}

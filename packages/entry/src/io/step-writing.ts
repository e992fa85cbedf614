/** The steps themselves, with every node's counter at hand, and what of them is written. */
import { InternalError } from "@ropewalk/kernel/errors";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { mayBeTakenUntil } from "../pure/node-clock.ts";
import type { NodeId } from "../pure/node-fitness.ts";
import type { Generation, Placement } from "../pure/vpn-placement.ts";
import { type SessionEvent, type SessionOrder, stepSession } from "../pure/vpn-session.ts";
import type { VpnControlSettings } from "../vpn-control-settings.ts";
import type { ClaimedOrder } from "./order.ts";
import type { Pipeline } from "./pipeline.ts";
import type { LockedNode, StoredSession } from "./session-rows.ts";
import { type AuditEntry, type Claim, type NewPlacement, type StepWrites, writeSteps } from "./session-writes.ts";
import type { StepPlan } from "./step-plan.ts";
import type { StepResult, StepWork } from "./step-work.ts";

export interface ChangedSession {
  readonly session: StoredSession;
  /** Undefined: its keys alone are others. */
  readonly event: SessionEvent | undefined;
}

export interface Stepped {
  /** In the order of the works. */
  readonly results: readonly StepResult[];
  /** Claimed by this replica. */
  readonly orders: readonly ClaimedOrder[];
  readonly changed: readonly ChangedSession[];
  /** By how many placements each node has more than before. */
  readonly gained: ReadonlyMap<NodeId, number>;
  readonly now: Millis;
}

type StepOf = StepPlan & { readonly kind: "step" };

export class StepWriting {
  readonly #settings: VpnControlSettings;
  readonly #nodes: ReadonlyMap<NodeId, LockedNode>;
  readonly #now: Millis;
  readonly #counters = new Map<NodeId, Generation>();
  readonly #gained = new Map<NodeId, number>();
  readonly #orders: ClaimedOrder[] = [];
  readonly #changed: ChangedSession[] = [];
  readonly #begun: StoredSession[] = [];
  readonly #altered: StoredSession[] = [];
  readonly #placed: NewPlacement[] = [];
  readonly #moved: Placement[] = [];
  readonly #audit: AuditEntry[] = [];
  readonly #retired: { readonly hash: string; readonly session: StoredSession["step"]["id"] }[] = [];

  constructor(settings: VpnControlSettings, nodes: ReadonlyMap<NodeId, LockedNode>, now: Millis) {
    this.#settings = settings;
    this.#nodes = nodes;
    this.#now = now;
  }

  /** What each plan comes to; all of it is sent to the database, and is there behind the commit. */
  write(pipeline: Pipeline, plans: readonly StepPlan[], works: readonly StepWork[], claim: Claim): Stepped {
    const results = plans.map((plan) => (plan.kind === "told" ? plan.result : this.#step(plan)));
    const answered = works.flatMap((work) => (work.kind === "answer" ? [work.event] : []));
    const writes: StepWrites = {
      ...{ begun: this.#begun, changed: this.#altered, retired: this.#retired, placed: this.#placed },
      ...{ moved: this.#moved, counters: this.#counters, orders: this.#orders, answered, audit: this.#audit },
    };
    if (this.#changed.length > 0 || answered.length > 0) writeSteps(pipeline, writes, claim);
    return { results, orders: this.#orders, changed: this.#changed, gained: this.#gained, now: this.#now };
  }

  #step(plan: StepOf): StepResult {
    const { session: before, event, keys, isNew } = plan;
    const context = { now: this.#now, terms: this.#settings.terms, draw: (node: NodeId) => this.#draw(node) };
    const { session: step, orders } =
      event === undefined ? { session: before.step, orders: [] } : stepSession(before.step, event, context);
    if (step === before.step && keys === undefined) return this.#resultOf(plan, before, undefined);
    const hasFailed = step.state === "failed" && before.step.state !== "failed";
    const failure = hasFailed ? (event?.kind === "silent" ? "silent" : "refused") : before.failure;
    const { reconnect, former } = keys ?? before;
    const after: StoredSession = { ...before, step, failure, reconnect, former };
    if (isNew) this.#begun.push(after);
    else if (step.state !== before.step.state || keys !== undefined) this.#altered.push(after);
    if (keys?.retires !== undefined) this.#retired.push({ hash: keys.retires, session: step.id });
    if (plan.audit !== undefined) this.#audit.push(plan.audit);
    if (hasFailed) this.#audit.push({ actor: entryItself, action: "session.failed", subject: step.id });
    this.#notePlacements(before, after);
    for (const order of orders) this.#order(after, order);
    this.#changed.push({ session: after, event });
    return this.#resultOf(plan, after, orders.find(({ kind }) => kind === "place")?.placement);
  }

  #resultOf(plan: StepOf, session: StoredSession, placement: Placement["id"] | undefined): StepResult {
    return plan.result === "reused-key" ? { kind: "reused-key", session } : { kind: "session", session, placement };
  }

  #notePlacements(before: StoredSession, after: StoredSession): void {
    const known = new Map(before.step.placements.map((one) => [one.id, one]));
    for (const placement of after.step.placements) {
      const former = known.get(placement.id);
      if (former === placement) continue;
      if (former === undefined) {
        this.#placed.push({ session: after.step.id, device: after.device, placement });
        this.#gain(placement.node, 1);
      } else {
        this.#moved.push(placement);
        if (placement.role === "released") this.#gain(placement.node, -1);
      }
    }
  }

  #order({ step, publicKey }: StoredSession, { kind, placement: id, generation }: SessionOrder): void {
    const placement = step.placements.find((one) => one.id === id);
    if (placement === undefined) throw new InternalError(`an order is for placement ${id}, which its session has not`);
    const common = { session: step.id, placement: id, node: placement.node, generation, publicKey };
    if (kind === "remove") {
      this.#orders.push({ ...common, what: { kind } });
      return;
    }
    const clock = this.#nodes.get(placement.node)?.clock;
    if (clock === undefined) throw new InternalError(`node ${placement.node} is given an order and was never heard of`);
    const { boot, at } = mayBeTakenUntil(clock, this.#now, this.#settings.terms);
    // As it is stored: a moment that is earlier does no harm.
    const until = { boot, at: Math.floor(at) };
    this.#orders.push({ ...common, what: { kind, addresses: placement.addresses, until } });
  }

  #draw(node: NodeId): Generation {
    const last = this.#counters.get(node) ?? this.#nodes.get(node)?.generation;
    if (last === undefined) throw new InternalError(`the counter of node ${node} is drawn from, and is not locked`);
    const next = (last + 1) as Generation;
    this.#counters.set(node, next);
    return next;
  }

  #gain(node: NodeId, count: number): void {
    this.#gained.set(node, (this.#gained.get(node) ?? 0) + count);
  }
}

const entryItself = { kind: "entry", name: "entry" } as const;

/** Which nodes' counters a step draws from: it is gone through without its effect. */
export function nodesDrawn(plan: StepPlan): readonly NodeId[] {
  if (plan.kind === "told" || plan.event === undefined) return [];
  const nodes: NodeId[] = [];
  const draw = (node: NodeId) => {
    nodes.push(node);
    return 0 as Generation;
  };
  const nothing = millis(0);
  const terms = { lease: nothing, delivery: nothing, margin: nothing, remember: nothing };
  stepSession(plan.session.step, plan.event, { now: nothing, terms, draw });
  return nodes;
}

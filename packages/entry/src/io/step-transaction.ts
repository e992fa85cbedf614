/**
 * One transaction of many steps, each of another session: rows in and locked, the pure code's decisions, rows and orders out. Whoever has
 * to wait for a node's counter waits for all of them together, and the disk is waited for once.
 */
import { InternalError } from "@ropewalk/kernel/errors";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { AddressHints } from "../pure/address-hints.ts";
import type { NodeId } from "../pure/node-fitness.ts";
import { isOver } from "../pure/vpn-session.ts";
import type { VpnControlSettings } from "../vpn-control-settings.ts";
import { type Fleet, protocolVersion } from "./fleet.ts";
import type { Pipeline } from "./pipeline.ts";
import { type LockedNode, lockCustomers, lockNodes, lockSessions } from "./session-rows.ts";
import type { Claim } from "./session-writes.ts";
import { type FreeAddresses, freeAddresses, readOccupied, readStartFacts } from "./start-facts.ts";
import { type PlanFacts, planStart, planStep, type StepPlan } from "./step-plan.ts";
import type { StepWork } from "./step-work.ts";
import { nodesDrawn, type Stepped, StepWriting } from "./step-writing.ts";

export interface StepDeps {
  readonly fleet: Fleet;
  readonly settings: VpnControlSettings;
  readonly chance: () => number;
  readonly claim: Claim;
  readonly hints: AddressHints;
}

/** No two works may be of one session, nor two starts of one customer. */
export async function stepTogether(pipeline: Pipeline, works: readonly StepWork[], deps: StepDeps): Promise<Stepped> {
  const { now: readAt, plans } = await plansOf(pipeline, works, deps);
  const drawn = [...new Set(plans.flatMap(nodesDrawn))].toSorted();
  const wanted = Map.groupBy(
    plans.flatMap((plan) => placeOf(plan) ?? []),
    ({ node }) => node,
  );
  const counts = new Map([...wanted].map(([node, places]) => [node, places.length]));
  const [locked, free] = await Promise.all([lockNodes(pipeline, drawn), freeAddresses(pipeline, counts, deps.hints)]);
  const now = millis(Math.max(readAt, locked.now));
  const placed = withAddresses(plans, free, locked.nodes, now, deps);
  return new StepWriting(deps.settings, locked.nodes, now).write(pipeline, placed, works, deps.claim);
}

async function plansOf(pipeline: Pipeline, works: readonly StepWork[], deps: StepDeps) {
  const requests = works.flatMap((work) => (work.kind === "start" ? [work.request] : []));
  const customers = requests.map(({ customer }) => customer);
  const ids = works.flatMap((work) => (work.kind === "start" ? [] : [work.session]));
  const [, { sessions, now: lockedAt }, starts] = await Promise.all([
    lockCustomers(pipeline, customers),
    lockSessions(pipeline, ids, customers),
    readStartFacts(pipeline, requests),
  ]);
  const byId = new Map(sessions.map((session) => [session.step.id, session]));
  // One that is over is among them when another step means it, or when it ended while its lock was waited for.
  const live = new Map(sessions.filter(({ step }) => !isOver(step)).map((session) => [session.customer, session]));
  const movers = works.flatMap((work) => (work.kind === "move" ? (byId.get(work.session)?.customer ?? []) : []));
  const occupied = await readOccupied(pipeline, movers);
  const { settings, chance } = deps;
  const now = millis(Math.max(lockedAt, starts.now));
  const rules = { freshness: settings.freshness, versions: new Set([protocolVersion]) };
  const chooses = requests.length > 0 || movers.length > 0;
  const facts: PlanFacts = { now, terms: settings.terms, rules, chance, fleet: chooses ? deps.fleet.nodes() : [] };
  const factsOf = new Map(requests.map((request, index) => [request, starts.facts[index]]));
  const planOf = (work: StepWork): StepPlan => {
    if (work.kind !== "start") {
      const session = byId.get(work.session);
      return planStep(work, session, session === undefined ? [] : (occupied.get(session.customer) ?? []), facts);
    }
    const own = factsOf.get(work.request);
    if (own === undefined) throw new InternalError("a request to start was not answered by its facts");
    return planStart(work.request, own, live.get(work.request.customer), facts);
  };
  return { now, plans: works.map(planOf).map(onlyFirst()) };
}

/** A session may be meant by its id and by its customer: the second step is for another transaction. */
function onlyFirst(): (plan: StepPlan) => StepPlan {
  const seen = new Set<string>();
  return (plan) => {
    if (plan.kind === "told") return plan;
    const { id } = plan.session.step;
    if (seen.has(id)) return { kind: "told", result: { kind: "again" } };
    seen.add(id);
    return plan;
  };
}

/** Whoever is to be placed gets addresses; where there are none, or the node was not heard of, he is told so. */
function withAddresses(
  plans: readonly StepPlan[],
  free: FreeAddresses,
  nodes: ReadonlyMap<NodeId, LockedNode>,
  now: Millis,
  { fleet, settings }: StepDeps,
): readonly StepPlan[] {
  const isFresh = (node: NodeId) => {
    const clock = nodes.get(node)?.clock;
    return clock !== undefined && now - clock.heardAt <= settings.freshness;
  };
  const given = new Map<NodeId, number>();
  return plans.map((plan): StepPlan => {
    if (plan.kind === "told") return plan;
    const place = placeOf(plan);
    if (place === undefined) {
      const current = plan.session.step.placements.find(({ role }) => role === "current");
      if (plan.event?.kind !== "renew" || current === undefined || isFresh(current.node)) return plan;
      return { kind: "told", result: { kind: "not-now" } };
    }
    const index = given.get(place.node) ?? 0;
    given.set(place.node, index + 1);
    const addresses = isFresh(place.node) ? free.get(place.node)?.[index] : undefined;
    if (addresses === undefined) {
      fleet.shun(place.node);
      return { kind: "told", result: { kind: "again" } };
    }
    return { ...plan, event: { kind: plan.isNew ? "place" : "move", to: { ...place, addresses } } };
  });
}

function placeOf(plan: StepPlan) {
  if (plan.kind === "told" || plan.event === undefined) return undefined;
  return plan.event.kind === "place" || plan.event.kind === "move" ? plan.event.to : undefined;
}

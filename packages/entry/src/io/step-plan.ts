/** What each work means beside the rows that are locked: which event of which session, or why none. */
import { randomUUID } from "node:crypto";
import type { Millis } from "@ropewalk/kernel/units";
import { type LeaseTerms, renewalAt } from "../pure/lease-terms.ts";
import { chooseNode } from "../pure/node-choice.ts";
import type { ChoiceRules, FleetNode, NodeId, NodeRequest } from "../pure/node-fitness.ts";
import { judgeStart, type KeyChange } from "../pure/start-judgement.ts";
import type { PlacementId } from "../pure/vpn-placement.ts";
import { isOver, requestSession, type SessionEvent, type SessionId } from "../pure/vpn-session.ts";
import type { Actor, NodeWish, SessionRequest } from "../vpn-control.ts";
import type { StoredSession } from "./session-rows.ts";
import type { AuditEntry } from "./session-writes.ts";
import type { RequestFacts } from "./start-facts.ts";
import type { StepResult, StepWork } from "./step-work.ts";

export type StepPlan =
  | { readonly kind: "told"; readonly result: StepResult }
  | {
      readonly kind: "step";
      readonly session: StoredSession;
      readonly isNew: boolean;
      /** Undefined: its keys alone change. The addresses of a place are still to be found. */
      readonly event: SessionEvent | undefined;
      readonly keys: KeyChange | undefined;
      readonly audit: AuditEntry | undefined;
      readonly result: "session" | "reused-key";
    };

export interface PlanFacts {
  readonly now: Millis;
  readonly terms: LeaseTerms;
  readonly rules: ChoiceRules;
  readonly chance: () => number;
  /** As it is for whoever comes next: who was placed by this transaction is counted. */
  fleet: readonly FleetNode[];
}

const told = (result: StepResult): StepPlan => ({ kind: "told", result });
const unchanged = (session: StoredSession): StepPlan =>
  told({ kind: "session", session, placement: session.step.placements.find(({ role }) => role === "coming")?.id });

export function planStart(
  request: SessionRequest,
  own: RequestFacts,
  live: StoredSession | undefined,
  facts: PlanFacts,
): StepPlan {
  const { actor } = request;
  const judgement = judgeStart({
    ...{ hasDevice: own.publicKey !== undefined, device: request.device, earlier: own.earlier },
    reconnect: textOf(request.reconnectHash),
    former: request.formerReconnectHash === undefined ? undefined : textOf(request.formerReconnectHash),
    live: live === undefined ? undefined : { ...live, state: live.step.state },
    isRetired: own.retiredOf !== undefined && own.retiredOf === live?.step.id,
  });
  switch (judgement.kind) {
    case "conflict":
    case "unknown-device":
      return told(judgement);
    case "failed-before":
      return told({ kind: "failed-before", why: own.earlierFailure ?? "refused" });
    case "begins":
      return own.publicKey === undefined ? told({ kind: "unknown-device" }) : begin(request, own.publicKey, own, facts);
    case "waits":
    case "same":
    case "returns":
    case "reused-key":
      break;
  }
  if (live === undefined) return told({ kind: "conflict" });
  if (judgement.kind === "waits") return told({ kind: "waits", session: live });
  if (judgement.kind === "same") return unchanged(live);
  const common = { kind: "step", session: live, isNew: false } as const;
  if (judgement.kind === "returns") {
    const audit = { actor, action: "session.return", subject: live.step.id };
    return { ...common, event: undefined, keys: judgement.keys, audit, result: "session" };
  }
  const audit = { actor, action: "session.key_reused", subject: live.step.id };
  return { ...common, event: { kind: "terminate" }, keys: undefined, audit, result: "reused-key" };
}

function begin(request: SessionRequest, publicKey: Uint8Array, own: RequestFacts, facts: PlanFacts): StepPlan {
  const { actor, wish, customer, device } = request;
  const choice = choose(wish, actor, own.occupied, facts);
  if (choice.kind === "none") return told({ kind: "no-node", why: choice.why });
  const id = randomUUID() as string as SessionId;
  const session: StoredSession = {
    step: requestSession(id, textOf(publicKey)),
    ...{ customer, device, publicKey, former: undefined, failure: undefined },
    ...{ reconnect: textOf(request.reconnectHash), createdAt: facts.now },
  };
  const to = { id: randomUUID() as string as PlacementId, node: choice.node.id, addresses: [] };
  const audit = { actor, action: "session.start", subject: id, node: choice.node.id };
  return {
    kind: "step",
    session,
    isNew: true,
    event: { kind: "place", to },
    keys: undefined,
    audit,
    result: "session",
  };
}

export function planStep(
  work: Exclude<StepWork, { readonly kind: "start" }>,
  session: StoredSession | undefined,
  occupied: readonly NodeId[],
  facts: PlanFacts,
): StepPlan {
  if (session === undefined) return told({ kind: "unknown-session" });
  const common = { kind: "step", session, isNew: false, keys: undefined, result: "session" } as const;
  if (work.kind === "answer") return { ...common, event: work.event, audit: undefined };
  if (work.kind === "event") {
    const isEarly = work.isIfDue === true && !isDue(session, facts);
    return isEarly ? unchanged(session) : { ...common, event: work.event, audit: undefined };
  }
  if (work.customer !== undefined && work.customer !== session.customer) return told({ kind: "unknown-session" });
  const { actor } = work;
  const subject = session.step.id;
  if (work.kind === "end") {
    if (isOver(session.step) || session.step.state === "terminating") return unchanged(session);
    return { ...common, event: { kind: "terminate" }, audit: { actor, action: "session.end", subject } };
  }
  const isMoving = session.step.placements.some(({ role }) => role === "coming" || role === "draining");
  if (session.step.state !== "active" || isMoving) return told({ kind: "not-now" });
  const choice = choose(work.wish, actor, occupied, facts);
  if (choice.kind === "none") return told({ kind: "no-node", why: choice.why });
  const to = { id: randomUUID() as string as PlacementId, node: choice.node.id, addresses: [] };
  const audit = { actor, action: "session.move", subject, node: choice.node.id };
  return { ...common, event: { kind: "move", to }, audit };
}

/** Another replica may have prolonged it since it was found. */
function isDue({ step }: StoredSession, { now, terms }: PlanFacts): boolean {
  const current = step.placements.find(({ role }) => role === "current");
  return current !== undefined && renewalAt(current.mayLastUntil, terms) <= now;
}

function choose(wish: NodeWish, actor: Actor, occupied: readonly NodeId[], facts: PlanFacts) {
  const { fleet, rules, chance } = facts;
  const regions = new Set(fleet.map(({ region }) => region).filter((region) => region !== ""));
  // Every customer may have every region: a wish for another is one that nobody can fulfil.
  if (wish.region !== undefined) regions.add(wish.region);
  const request: NodeRequest = {
    ...{ region: wish.region, country: wish.country, city: wish.city, pool: wish.pool, nodeHint: wish.nodeHint },
    ...{ allowedRegions: regions, occupiedNodes: new Set(occupied) },
    asker: actor.kind === "customer" ? "customer" : "admin",
  };
  const choice = chooseNode(fleet, request, rules, chance);
  if (choice.kind === "chosen") {
    const { sessions, freeAddresses } = choice.node;
    const taken = { ...choice.node, sessions: sessions + 1, freeAddresses: freeAddresses - 1 };
    facts.fleet = fleet.map((node) => (node === choice.node ? taken : node));
  }
  return choice;
}

export function textOf(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString("base64");
}

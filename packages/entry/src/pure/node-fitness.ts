/**
 * Whether a node may have a session, and the one reason why not: the first that holds, in the order of this file's union.
 * Source: docs/protocols/vpn-node-choice.md.
 */
import { type Branded, type Millis, seconds } from "@ropewalk/kernel/units";

export type NodeId = Branded<string, "NodeId">;

/** What entry knows of a node. Counts are whole and not negative. */
export interface FleetNode {
  readonly id: NodeId;
  /** What it is registered for. */
  readonly roles: readonly string[];
  readonly region: string;
  readonly country: string;
  readonly city: string;
  /** The name of its pool. */
  readonly pool: string;
  /** For how many more sessions its pool has an address of each family that it serves. */
  readonly freeAddresses: number;
  /** How many sessions it may have, at least one, and how many it has. */
  readonly capacity: number;
  readonly sessions: number;
  /** What it says of itself, 0…1, where at 1 it can bear no more. */
  readonly load: number;
  readonly health: "healthy" | "unhealthy";
  /** Since its last heartbeat; undefined when it never sent one. */
  readonly heartbeatAge: Millis | undefined;
  /** What an operator wants of it: draining keeps the sessions that it has. */
  readonly admission: "open" | "draining" | "disabled";
  /** Of the protocol between entry and node. */
  readonly version: number;
}

/** A wish that is undefined is none. */
export interface NodeRequest {
  readonly region: string | undefined;
  readonly country: string | undefined;
  readonly city: string | undefined;
  readonly pool: string | undefined;
  /** This node and no other. */
  readonly nodeHint: NodeId | undefined;
  /** Regions of the customer's plan. */
  readonly allowedRegions: ReadonlySet<string>;
  /** Where the customer has a placement that is not released. */
  readonly occupiedNodes: ReadonlySet<NodeId>;
  /** Who is told why there is none. */
  readonly asker: "admin" | "customer";
}

export interface ChoiceRules {
  /** A heartbeat that is older says nothing of now. */
  readonly freshness: Millis;
  readonly versions: ReadonlySet<number>;
}

export const defaultFreshness: Millis = seconds(60);

/** The role of an exit node. */
export const vpnRole = "vpn";

export type Refusal =
  | { readonly kind: "not-an-exit" }
  | { readonly kind: "not-hinted" }
  | { readonly kind: "other-region" }
  | { readonly kind: "region-not-in-plan" }
  | { readonly kind: "other-country" }
  | { readonly kind: "other-city" }
  | { readonly kind: "other-pool" }
  | { readonly kind: "occupied" }
  | { readonly kind: "disabled" }
  | { readonly kind: "draining" }
  | { readonly kind: "other-version"; readonly version: number }
  | { readonly kind: "never-heard" }
  | { readonly kind: "stale"; readonly age: Millis; readonly limit: Millis }
  | { readonly kind: "unhealthy" }
  | { readonly kind: "full" }
  | { readonly kind: "no-free-address" }
  | { readonly kind: "overloaded" };

/** Those without facts are made once: a fleet of ten thousand is asked for each session. */
const plain = {
  "not-an-exit": { kind: "not-an-exit" },
  "not-hinted": { kind: "not-hinted" },
  "other-region": { kind: "other-region" },
  "region-not-in-plan": { kind: "region-not-in-plan" },
  "other-country": { kind: "other-country" },
  "other-city": { kind: "other-city" },
  "other-pool": { kind: "other-pool" },
  occupied: { kind: "occupied" },
  disabled: { kind: "disabled" },
  draining: { kind: "draining" },
  "never-heard": { kind: "never-heard" },
  unhealthy: { kind: "unhealthy" },
  full: { kind: "full" },
  "no-free-address": { kind: "no-free-address" },
  overloaded: { kind: "overloaded" },
} as const satisfies { readonly [Kind in Refusal["kind"]]?: Refusal };

/** Undefined: it may have the session. */
export function refusalOf(node: FleetNode, request: NodeRequest, rules: ChoiceRules): Refusal | undefined {
  return offersNot(node, request) ?? standsNot(node, rules) ?? hasNoRoom(node);
}

/**
 * For how many more sessions it is good, by whichever is least: its capacity, its addresses, or what its load leaves of the
 * capacity. None when it is refused as full, without address, or overloaded.
 */
export function roomOf({ capacity, sessions, freeAddresses, load }: FleetNode): number {
  return Math.max(0, Math.min(capacity - sessions, freeAddresses, leftByLoad(capacity, load)));
}

/** It is not what was asked for, or may not be had by this customer. */
function offersNot(node: FleetNode, request: NodeRequest): Refusal | undefined {
  if (!node.roles.includes(vpnRole)) return plain["not-an-exit"];
  if (request.nodeHint !== undefined && request.nodeHint !== node.id) return plain["not-hinted"];
  if (isOther(request.region, node.region)) return plain["other-region"];
  if (!request.allowedRegions.has(node.region)) return plain["region-not-in-plan"];
  if (isOther(request.country, node.country)) return plain["other-country"];
  if (isOther(request.city, node.city)) return plain["other-city"];
  if (isOther(request.pool, node.pool)) return plain["other-pool"];
  return request.occupiedNodes.has(node.id) ? plain.occupied : undefined;
}

function isOther(wish: string | undefined, value: string): boolean {
  return wish !== undefined && wish !== value;
}

/** It cannot take a session of anybody now. */
function standsNot(node: FleetNode, rules: ChoiceRules): Refusal | undefined {
  const { admission, version, heartbeatAge: age, health } = node;
  if (admission !== "open") return plain[admission];
  if (!rules.versions.has(version)) return { kind: "other-version", version };
  if (age === undefined) return plain["never-heard"];
  if (age > rules.freshness) return { kind: "stale", age, limit: rules.freshness };
  return health === "unhealthy" ? plain.unhealthy : undefined;
}

function hasNoRoom({ capacity, sessions, freeAddresses, load }: FleetNode): Refusal | undefined {
  if (sessions >= capacity) return plain.full;
  if (freeAddresses <= 0) return plain["no-free-address"];
  return leftByLoad(capacity, load) <= 0 ? plain.overloaded : undefined;
}

function leftByLoad(capacity: number, load: number): number {
  return Math.floor(capacity * (1 - load));
}

/** A place of a session on a node: who has it, and until when its node may. */
import type { Branded, Millis } from "@ropewalk/kernel/units";
import type { NodeId } from "./node-fitness.ts";

/** Never given twice. */
export type PlacementId = Branded<string, "PlacementId">;
/** Counted for each node: later transactions have greater ones. */
export type Generation = Branded<number, "Generation">;

/**
 * coming: ordered, not confirmed. current: the session's own. draining: to be removed, and somebody waits for that. orphaned: to be removed, and
 * nobody waits. released: its node has not got it, and will not; its addresses are free.
 */
export type PlacementRole = "coming" | "current" | "draining" | "orphaned" | "released";

/** What a node is asked for, as it was reserved in the same transaction. */
export interface Place {
  readonly id: PlacementId;
  readonly node: NodeId;
  /** One of each family that the node has a pool of. */
  readonly addresses: readonly string[];
}

export interface Placement extends Place {
  readonly role: PlacementRole;
  /** Of the last order for it. */
  readonly generation: Generation;
  /** By the database's clock: until then its node may have it, whatever is lost. */
  readonly mayLastUntil: Millis;
}

/** Whether its node is to have it. */
export function isWanted({ role }: Placement): boolean {
  return role === "coming" || role === "current";
}

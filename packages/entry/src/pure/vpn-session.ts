/**
 * A VPN session and its placements, as a step machine. A step is one transaction, and what it orders is sent behind the commit. A move makes
 * the new placement before it breaks the old one; what a node may still have is reserved until the node says that it has not, or until
 * the lease that it was given is over. Source: docs/protocols/vpn-control.md.
 */
import type { Branded } from "@ropewalk/kernel/units";
import { SessionChange, type StepContext } from "./session-change.ts";
import type { Generation, Place, Placement, PlacementId } from "./vpn-placement.ts";

export type SessionId = Branded<string, "SessionId">;

/** requested: no place was found yet. terminating: a node is asked to remove it. terminated and failed are over. */
export type SessionState = "requested" | "provisioning" | "active" | "terminating" | "terminated" | "failed";

export interface VpnSession {
  readonly id: SessionId;
  /** Of the customer's device, by which nodes know the peer. */
  readonly publicKey: string;
  readonly state: SessionState;
  readonly placements: readonly Placement[];
}

export type SessionEvent =
  /** This place was chosen: for a session that has none, or to move one that is active. */
  | { readonly kind: "place" | "move"; readonly to: Place }
  /** What its node has told of this order. */
  | {
      readonly kind: "placed" | "removed" | "refused";
      readonly placement: PlacementId;
      readonly generation: Generation;
    }
  /** Nothing was heard of this order in time. */
  | { readonly kind: "silent"; readonly placement: PlacementId; readonly generation: Generation }
  /** A third of the lease is over. */
  | { readonly kind: "renew" }
  /** There is no place for it. */
  | { readonly kind: "fail" }
  | { readonly kind: "terminate" }
  /** Somebody looks what no node may have any more. */
  | { readonly kind: "lapse" };

export interface SessionOrder {
  readonly kind: "place" | "remove";
  readonly placement: PlacementId;
  readonly generation: Generation;
}

export interface SessionStep {
  /** The same object where nothing has changed. */
  readonly session: VpnSession;
  readonly orders: readonly SessionOrder[];
}

export function requestSession(id: SessionId, publicKey: string): VpnSession {
  return { id, publicKey, state: "requested", placements: [] };
}

/** Whether its customer may begin another. */
export function isOver({ state }: VpnSession): boolean {
  return state === "terminated" || state === "failed";
}

/** What becomes of it. An event that comes too late, or twice, changes nothing. */
export function stepSession(session: VpnSession, event: SessionEvent, context: StepContext): SessionStep {
  const change = new SessionChange(session, context);
  switch (event.kind) {
    case "place":
      if (session.state === "requested") change.become("provisioning").come(event.to);
      break;
    case "move":
      change.move(event.to);
      break;
    case "placed":
      change.placed(event.placement, event.generation);
      break;
    case "refused":
      change.refused(event.placement, event.generation);
      break;
    case "removed":
      change.removed(event.placement, event.generation);
      break;
    case "silent":
      change.silent(event.placement, event.generation);
      break;
    case "renew":
      change.renew();
      break;
    case "fail":
      if (session.state === "requested") change.become("failed");
      break;
    case "terminate":
      change.terminate();
      break;
    case "lapse":
      change.lapse();
      break;
  }
  return change.end();
}

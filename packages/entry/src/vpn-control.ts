/**
 * What may be asked of entry's control of the VPN, whoever asks. A change is in the database when its promise is kept, and on the node where the
 * outcome says so. Failures of the database are thrown as EntryError; everything that may be expected is an outcome.
 */
import type { Branded, Millis } from "@ropewalk/kernel/units";
import type { ChoiceExplanation } from "./pure/choice-explanation.ts";
import type { NodeId } from "./pure/node-fitness.ts";
import type { PlacementId } from "./pure/vpn-placement.ts";
import type { SessionId, SessionState } from "./pure/vpn-session.ts";

export type CustomerId = Branded<string, "CustomerId">;
export type DeviceId = Branded<string, "DeviceId">;

/** For the audit, in the transaction of the change. */
export interface Actor {
  readonly kind: "admin" | "customer" | "entry";
  readonly name: string;
}

/** What is left out is no wish. */
export interface NodeWish {
  readonly region?: string;
  readonly country?: string;
  readonly city?: string;
  readonly pool?: string;
  readonly nodeHint?: NodeId;
}

export interface SessionRequest {
  readonly customer: CustomerId;
  readonly device: DeviceId;
  readonly wish: NodeWish;
  /** SHA-256 of the key by which the device comes back. Who asks again with the same one has sent the same request again. */
  readonly reconnectHash: Uint8Array;
  /** Of the key that the device was given last, when it comes back: its session goes on, by the new key from when that is first used. */
  readonly formerReconnectHash?: Uint8Array;
  readonly actor: Actor;
  readonly signal: AbortSignal;
}

/** What a client sets its interface up with. */
export interface SessionPlace {
  readonly placement: PlacementId;
  readonly node: NodeId;
  readonly nodeName: string;
  readonly region: string;
  readonly country: string | undefined;
  readonly city: string | undefined;
  /** Of the exit: "host:port", and 32 octets. */
  readonly endpoint: string;
  readonly publicKey: Uint8Array;
  /** The device's own, one of each family that the node has a pool of; without a length. */
  readonly addresses: readonly string[];
}

export interface SessionView {
  readonly id: SessionId;
  readonly customer: CustomerId;
  readonly device: DeviceId;
  readonly state: SessionState;
  /** Its current one. */
  readonly place: SessionPlace | undefined;
  /** Wall time in milliseconds since 1970, by the database's clock. */
  readonly createdAt: number;
}

export type StartOutcome =
  /** The node has the peer. */
  | { readonly kind: "active"; readonly session: SessionView & { readonly place: SessionPlace } }
  | { readonly kind: "no-node"; readonly why: ChoiceExplanation }
  /** The customer has a session already, and the device has not shown that it is its own. Nothing is told of that session. */
  | { readonly kind: "conflict" }
  /** A key that was replaced was used again: somebody has copied it. The session has been ended. */
  | { readonly kind: "reused-key" }
  /** The customer has no such device, or is closed. */
  | { readonly kind: "unknown-device" }
  /** The node refused, or did not answer in time; nobody is carried, and nothing of it stays. */
  | { readonly kind: "failed"; readonly why: "refused" | "silent" };

export type EndOutcome =
  /** No node carries it; where one did not answer it does so until its lease ends. */
  | { readonly kind: "terminated"; readonly session: SessionView; readonly isConfirmed: boolean }
  | { readonly kind: "unknown-session" };

export type MoveOutcome =
  | { readonly kind: "active"; readonly session: SessionView & { readonly place: SessionPlace } }
  | { readonly kind: "no-node"; readonly why: ChoiceExplanation }
  | { readonly kind: "unknown-session" }
  /** It is not active, or is being moved. */
  | { readonly kind: "not-now" }
  /** It stays where it was. */
  | { readonly kind: "failed"; readonly why: "refused" | "silent" };

export interface VpnControl {
  start(request: SessionRequest): Promise<StartOutcome>;
  /** `customer`: it must be his; undefined: an admin asks. Asked again, the same outcome. */
  end(session: SessionId, customer: CustomerId | undefined, actor: Actor, signal: AbortSignal): Promise<EndOutcome>;
  move(
    session: SessionId,
    customer: CustomerId | undefined,
    wish: NodeWish,
    actor: Actor,
    signal: AbortSignal,
  ): Promise<MoveOutcome>;
  /** The one that is not over. */
  current(customer: CustomerId): Promise<SessionView | undefined>;
  /** From the newest on, `before` this one; at most `most`. */
  list(most: number, before: SessionId | undefined): Promise<readonly SessionView[]>;
  /** Every node that is registered. */
  nodes(): Promise<readonly NodeView[]>;
  registerNode(node: NewNode, actor: Actor): Promise<RegisterOutcome>;
  changeNode(node: NodeId, change: NodeChange, actor: Actor): Promise<NodeView | undefined>;
}

export interface NewNode {
  /** A label of letters, digits and "-"; its certificate has it as a DNS name. */
  readonly name: string;
  readonly roles: readonly string[];
  readonly region: string;
  readonly country?: string;
  readonly city?: string;
  readonly pool?: string;
}

export type RegisterOutcome =
  | { readonly kind: "registered"; readonly node: NodeView }
  | { readonly kind: "name-taken" };

export interface NodeChange {
  readonly admission?: NodeView["admission"];
  readonly region?: string;
  readonly country?: string | null;
  readonly city?: string | null;
  readonly pool?: string;
}

export interface NodeView {
  readonly id: NodeId;
  readonly name: string;
  readonly roles: readonly string[];
  /** draining: takes no new sessions, keeps its own. disabled: its sessions are moved away or ended by who disables it. */
  readonly admission: "open" | "draining" | "disabled";
  readonly region: string;
  readonly country: string | undefined;
  readonly city: string | undefined;
  readonly pool: string;
  /** Since its last heartbeat; undefined: it never sent one. */
  readonly heartbeatAge: Millis | undefined;
  readonly isHealthy: boolean;
  readonly troubles: readonly string[];
  readonly version: string | undefined;
  readonly endpoint: string | undefined;
  readonly capacity: number;
  /** Placements that are not released, as the database counts them; peers, as the node did. */
  readonly placements: number;
  readonly activePeers: number;
}

/** What entry tells over HTTP, as JSON. Moments are ISO 8601 in UTC, keys base64, and what is not there is null. */

export interface CustomerDocument {
  readonly id: string;
  readonly createdAt: string;
  readonly closedAt: string | null;
}

export interface DeviceDocument {
  readonly id: string;
  readonly name: string;
  /** Its WireGuard key: 32 octets. */
  readonly publicKey: string;
  readonly createdAt: string;
}

export interface NewDeviceDocument {
  readonly name: string;
  readonly publicKey: string;
}

export type SessionStateDocument = "requested" | "provisioning" | "active" | "terminating" | "terminated" | "failed";

/** Where a session is. */
export interface PlaceDocument {
  readonly nodeName: string;
  readonly region: string;
  readonly country: string | null;
  readonly city: string | null;
  /** "host:port". */
  readonly endpoint: string;
  /** Of the exit. */
  readonly publicKey: string;
  /** The device's own, without a length. */
  readonly addresses: readonly string[];
}

/** What a device sets its interface up with. */
export interface OwnPlaceDocument extends PlaceDocument {
  /** Of the exit as the device's peer, 32 octets: without it no handshake is answered. */
  readonly presharedKey: string;
}

export interface ToldSessionDocument {
  readonly id: string;
  readonly deviceId: string;
  readonly state: SessionStateDocument;
  readonly createdAt: string;
}

/** As its customer is told of it. */
export interface SessionDocument extends ToldSessionDocument {
  readonly place: OwnPlaceDocument | null;
}

export interface AdminSessionDocument extends ToldSessionDocument {
  readonly place: PlaceDocument | null;
  readonly customerId: string;
  readonly nodeId: string | null;
}

/** What is left out is no wish. */
export interface NodeWishDocument {
  readonly region?: string;
  readonly country?: string;
  readonly city?: string;
  readonly pool?: string;
  readonly nodeHint?: string;
}

export interface StartDocument extends NodeWishDocument {
  readonly deviceId: string;
  /** That the device was given last, when it comes back. */
  readonly reconnectKey?: string;
}

export interface StartedDocument {
  readonly session: SessionDocument;
  /** By which the device comes back. It is told here and nowhere else. */
  readonly reconnectKey: string;
}

export interface EndedDocument {
  readonly session: SessionDocument;
  /** False: the node did not answer, and may carry the device until its lease ends. */
  readonly isConfirmed: boolean;
}

/** As an admin is told. */
export interface AdminEndedDocument {
  readonly session: AdminSessionDocument;
  readonly isConfirmed: boolean;
}

export interface TokenRequestDocument {
  /** No longer than entry's own lifetime of tokens, which holds where it is left out. */
  readonly lifetimeSeconds?: number;
}

export interface TokenDocument {
  readonly token: string;
  readonly tokenId: string;
  readonly expiresAt: string;
}

/** One page, the newest first; `next` is what to give as `before` for the page behind it. */
export interface PageDocument<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

export interface AuditDocument {
  readonly id: string;
  readonly at: string;
  readonly actorKind: "admin" | "customer" | "node" | "entry";
  readonly actor: string;
  readonly action: string;
  readonly subject: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** How well entry is; why, only its own machine and admins are told. */
export interface EntryHealthDocument {
  readonly state: "healthy" | "degraded" | "draining" | "unhealthy";
  readonly ready: boolean;
}

export interface ReadinessGateDocument {
  readonly name: string;
  /** warns: it is served, and would not be in production. */
  readonly state: "passes" | "warns" | "fails";
  readonly reason: string;
}

export interface ReadinessDocument {
  readonly isReady: boolean;
  readonly gates: readonly ReadinessGateDocument[];
}

/** What entry tells admins of its nodes over HTTP, and is told of them. */

export type AdmissionDocument = "open" | "draining" | "disabled";

export interface NewNodeDocument {
  /** A label of letters, digits and "-"; its certificate has it as a DNS name. */
  readonly name: string;
  readonly roles: readonly string[];
  readonly region: string;
  readonly country?: string;
  readonly city?: string;
  readonly pool?: string;
}

/** Null takes away what is there. */
export interface NodeChangeDocument {
  readonly admission?: AdmissionDocument;
  readonly region?: string;
  readonly country?: string | null;
  readonly city?: string | null;
  readonly pool?: string;
}

export interface NodeDocument {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly admission: AdmissionDocument;
  readonly region: string;
  readonly country: string | null;
  readonly city: string | null;
  readonly pool: string;
  readonly endpoint: string | null;
  readonly capacity: number;
  /** That are not released, as the database counts them. */
  readonly placements: number;
}

/** What a node said of itself, with its last heartbeat. */
export interface NodeStatusDocument {
  readonly id: string;
  readonly name: string;
  /** Where this is from: the node's last heartbeat, or nowhere, since it never sent one. */
  readonly source: "last-told" | "never-told";
  readonly heartbeatAgeMs: number | null;
  /** Whether that heartbeat is young enough for new sessions. */
  readonly isFresh: boolean;
  readonly isHealthy: boolean;
  readonly troubles: readonly string[];
  readonly version: string | null;
  readonly activePeers: number;
  readonly placements: number;
}

export interface CoreStatusDocument {
  readonly nodes: readonly NodeStatusDocument[];
}

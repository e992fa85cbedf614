/**
 * A history of the VPN's control: what was asked and answered, what was committed, what nodes answered and what their devices were told. All moments are
 * milliseconds since 1970. Those of requests and nodes are of the process that records them. Those of commits are the database's, brought to that process's
 * clock; who builds on what another has committed comes behind him.
 */

export interface SessionRow {
  readonly id: string;
  readonly customer: string;
  readonly device: string;
  readonly state: "requested" | "provisioning" | "active" | "terminating" | "terminated" | "failed";
}

export interface PlacementRow {
  readonly id: string;
  readonly session: string;
  readonly node: string;
  readonly device: string;
  readonly role: "coming" | "current" | "draining" | "orphaned" | "released";
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** Of a placement that was released, or rests: null. */
export interface AddressRow {
  readonly node: string;
  readonly address: string;
  readonly placement: string | null;
}

export interface OutboxRow {
  readonly node: string;
  readonly generation: number;
}

export interface AuditRow {
  readonly action: string;
  readonly subject: string;
}

/** `isGone`: the row was deleted, and is told as it was. */
export type RowChange = { readonly isGone: boolean } & (
  | { readonly source: "sessions"; readonly row: SessionRow }
  | { readonly source: "placements"; readonly row: PlacementRow }
  | { readonly source: "addresses"; readonly row: AddressRow }
  | { readonly source: "outbox"; readonly row: OutboxRow }
  | { readonly source: "audit"; readonly row: AuditRow }
);

export interface Commit {
  /** It became visible behind that. */
  readonly at: number;
  readonly changes: readonly RowChange[];
}

/** Of a device: what it did. `emptied`: its machine started again. */
export type DeviceWrite = { readonly node: string; readonly at: number } & (
  | { readonly kind: "set"; readonly key: string; readonly addresses: readonly string[] }
  | { readonly kind: "removed"; readonly key: string }
  | { readonly kind: "emptied" }
);

/** Of a node to an order, as it left it; in the order in which they left. */
export interface NodeAnswer {
  readonly node: string;
  readonly at: number;
  readonly placement: string;
  readonly generation: number;
  readonly answer: "placed" | "removed" | "refused";
}

export interface Request {
  readonly what: "start" | "end" | "move" | "current";
  readonly customer: string;
  /** The Idempotency-Key of a change. */
  readonly key: string | undefined;
  readonly beganAt: number;
  readonly endedAt: number;
  readonly outcome: Outcome;
}

export type Outcome =
  /** Its connection broke, or it took too long. */
  | { readonly kind: "unknown" }
  | { readonly kind: "problem"; readonly status: number; readonly code: string }
  | { readonly kind: "session"; readonly session: ToldSession; readonly isConfirmed?: boolean };

export interface ToldSession {
  readonly id: string;
  readonly state: SessionRow["state"];
  readonly place: { readonly node: string; readonly addresses: readonly string[] } | undefined;
}

/** From one moment at which all is settled to the next. */
export interface Epoch {
  readonly commits: readonly Commit[];
  readonly writes: readonly DeviceWrite[];
  readonly answers: readonly NodeAnswer[];
  readonly requests: readonly Request[];
  /** When the database was away: an answer of then may not have been kept. */
  readonly outages: readonly { readonly from: number; readonly to: number }[];
}

export interface HistoryTerms {
  /** By which the two clocks may be apart, and what is done at one moment may be told at two. */
  readonly tolerance: number;
  /** For which a node is waited for before a session is over without it. */
  readonly delivery: number;
  /** Keys of devices, by their ids. */
  readonly keys: ReadonlyMap<string, string>;
}

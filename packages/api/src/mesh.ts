/**
 * What a node answers of the mesh that it is part of: its routes, its neighbours, whom it knows of, and what came of a question.
 * `null` is "there is none" or "not measured", never zero or an empty string. An address in the mesh is 32 hexadecimal digits.
 */

/** Grows when a reader of an older number would misread the documents; new fields alone do not change it. */
export const meshSchemaNumber = 1;

/** `ping` and `trace` are followed by an address, and are POSTs over the Unix socket: they send packets. */
export const meshRoutes = {
  status: "/v1/mesh",
  routes: "/v1/mesh/routes",
  ping: "/v1/mesh/ping/",
  trace: "/v1/mesh/trace/",
} as const;

export type MeshQuestion = "ping" | "trace";
export type MeshNodeKind = "standard" | "open" | "universal";
export type MeshOnline = "unknown" | "offline" | "online";

/** The node's status has so much of it. */
export interface MeshSummaryDocument {
  readonly address: string;
  readonly neighbours: number;
  /** Nodes to which there is a way now. */
  readonly reachable: number;
}

export interface MeshTrafficDocument {
  readonly frames: number;
  readonly bytes: number;
}

export interface MeshPeerDocument {
  readonly address: string;
  /** Which end has dialled. */
  readonly direction: "dialled" | "accepted";
  /** "192.0.2.1 port 7412". */
  readonly remote: string;
  readonly local: string;
  /** "wan0 ipv4": the one uplink by which the link goes; null where the system's own routes decide. */
  readonly path: string | null;
  readonly openForMs: number;
  readonly rttMs: number | null;
  /** This and the next: as the neighbour says of itself. */
  readonly kind: MeshNodeKind | null;
  readonly online: MeshOnline | null;
  readonly sent: MeshTrafficDocument;
  readonly received: MeshTrafficDocument;
  /** Frames that gave way because the neighbour reads too slowly. */
  readonly dropped: number;
  readonly waitingBytes: number;
  /** Frames that it brought faster than a link may, by kind. */
  readonly overRate: MeshCountsDocument;
}

/** By what, and how often. */
export type MeshCountsDocument = Readonly<Record<string, number>>;

export interface MeshTallyDocument {
  readonly announcesProved: number;
  readonly announcesRefused: MeshCountsDocument;
  readonly packetsPassed: number;
  readonly packetsArrived: number;
  readonly packetsDropped: MeshCountsDocument;
  /** Frames that links brought faster than they may, by kind: of those that are gone, too. */
  readonly overRate: MeshCountsDocument;
}

/** The answer of GET /v1/mesh. */
export interface MeshStatusDocument {
  readonly schema: typeof meshSchemaNumber;
  readonly address: string;
  readonly state: "running" | "draining" | "persisting" | "clean-up" | "complete";
  /** Why there are no links; null where nothing keeps them. */
  readonly held: string | null;
  readonly listening: readonly { readonly address: string; readonly port: number }[];
  /** Nodes heard on local networks of late; null where nobody listens. */
  readonly discovered: number | null;
  readonly runningForMs: number;
  readonly peers: readonly MeshPeerDocument[];
  readonly routes: { readonly known: number; readonly reachable: number; readonly limit: number };
  /** Connections that have not proved a key. */
  readonly strangers: number;
  /** Those that dialled this node and got no link, by reason. */
  readonly strangersRefused: MeshCountsDocument;
  readonly tally: MeshTallyDocument;
}

export interface MeshRouteDocument {
  readonly address: string;
  /** In links; null while there is no way. */
  readonly distance: number | null;
  readonly nextHops: readonly { readonly peer: string; readonly distance: number; readonly inUse: boolean }[];
  /** `unconfirmed`: it has been announced, and has not answered this node yet. */
  readonly standing: "unconfirmed" | "confirmed" | "neighbour";
  readonly expiresInMs: number;
  /** Bits of its announce. */
  readonly capabilities: number;
  readonly contact: boolean;
}

/** The answer of GET /v1/mesh/routes; the nearest first. */
export interface MeshRoutesDocument {
  readonly schema: typeof meshSchemaNumber;
  readonly routes: readonly MeshRouteDocument[];
}

/** The answer of POST /v1/mesh/ping/ADDRESS and /v1/mesh/trace/ADDRESS. */
export type MeshAnswerDocument =
  /** `path`: over whom a trace went, in order, without the two ends; of a ping, empty. */
  | {
      readonly kind: "answered";
      readonly address: string;
      readonly roundTripMs: number;
      readonly path: readonly string[];
    }
  | { readonly kind: "unanswered"; readonly address: string; readonly why: "no-route" | "lost" | "busy" | "closed" };

/**
 * The answer of GET /v1/explanation: why each uplink is judged as it is, and each decision made as it is. It stands for itself:
 * whoever reads it needs no status beside it. Ages and durations are counted back from `at`.
 */
import type {
  AddressFamily,
  DecisionsDocument,
  FiguresDocument,
  ProbingDocument,
  ReachabilityName,
  ReasonDocument,
  UplinkKindName,
  UplinkStateName,
} from "./http.ts";

/** Grows by the same rule as that of the status document. */
export const explanationSchemaNumber = 1;

/** What one kind of probe last said of one target on one path. */
export interface EvidenceDocument {
  readonly kind: "echo" | "tcp" | "dns" | "tls" | "http" | "mtu";
  readonly target: string;
  readonly text: string;
  readonly isGood: boolean;
  /** Null when nothing came of it yet. */
  readonly ageMs: number | null;
}

export interface PathExplanationDocument {
  readonly family: AddressFamily;
  readonly source: string | null;
  readonly state: UplinkStateName;
  readonly reason: ReasonDocument;
  /** How long it is in this state; null when it is not measured. */
  readonly sinceMs: number | null;
  readonly figures: FiguresDocument;
  /** Time since the last sign of life, and from which on it counts as silent. */
  readonly silence: { readonly forMs: number; readonly boundMs: number } | null;
  readonly evidence: readonly EvidenceDocument[];
  /** RFC 2439's figure of merit; null when damping is off or there is none. */
  readonly penalty: { readonly value: number; readonly isSuppressed: boolean; readonly reusableInMs: number } | null;
  /** What is about to change, and when; null when nothing is. */
  readonly pending: string | null;
}

export interface UplinkExplanationDocument {
  readonly id: string;
  readonly name: string;
  /** The operator's own name for it. */
  readonly label: string | null;
  readonly kind: UplinkKindName;
  readonly state: UplinkStateName;
  readonly reason: ReasonDocument;
  readonly probing: ProbingDocument | null;
  /** What probes have cost since the node started: octets of IP packets. */
  readonly probeBytes: { readonly sent: number; readonly received: number };
  readonly paths: readonly PathExplanationDocument[];
}

export interface ExplanationDocument {
  readonly schema: typeof explanationSchemaNumber;
  readonly at: string;
  readonly monitorOnly: boolean;
  readonly probing: boolean;
  readonly connectivity: Readonly<Record<AddressFamily, ReachabilityName>>;
  readonly decisions: DecisionsDocument;
  readonly uplinks: readonly UplinkExplanationDocument[];
  /** Targets that answer on no uplink while others do: no uplink is blamed for them. */
  readonly faultyTargets: readonly string[];
  /** Newest first. */
  readonly history: readonly { readonly agoMs: number; readonly text: string }[];
}

/**
 * The answer of GET /v1/explanation: why each uplink is judged as it is, and each decision made as it is. It stands for itself:
 * whoever reads it needs no status beside it. Ages and durations are counted back from `at`.
 */
import { z } from "zod";
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
import {
  decisionsSchema,
  figuresSchema,
  kindSchema,
  probingSchema,
  reachabilitySchema,
  reasonSchema,
  uplinkStateSchema,
} from "./http-schema.ts";

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

const text = z.string();
const duration = z.number().nonnegative();
const count = z.number().nonnegative();

const evidence: z.ZodType<EvidenceDocument> = z.object({
  kind: z.enum(["echo", "tcp", "dns", "tls", "http", "mtu"]),
  target: text,
  text,
  isGood: z.boolean(),
  ageMs: duration.nullable(),
});

const path: z.ZodType<PathExplanationDocument> = z.object({
  family: z.enum(["ipv4", "ipv6"]),
  source: text.nullable(),
  state: uplinkStateSchema,
  reason: reasonSchema,
  sinceMs: duration.nullable(),
  figures: figuresSchema,
  silence: z.object({ forMs: duration, boundMs: duration }).nullable(),
  evidence: z.array(evidence),
  penalty: z.object({ value: count, isSuppressed: z.boolean(), reusableInMs: duration }).nullable(),
  pending: text.nullable(),
});

const uplink: z.ZodType<UplinkExplanationDocument> = z.object({
  id: text,
  name: text,
  label: text.nullable(),
  kind: kindSchema,
  state: uplinkStateSchema,
  reason: reasonSchema,
  probing: probingSchema.nullable(),
  probeBytes: z.object({ sent: count, received: count }),
  paths: z.array(path),
});

export const explanationSchema: z.ZodType<ExplanationDocument> = z.object({
  schema: z.literal(explanationSchemaNumber),
  at: text,
  monitorOnly: z.boolean(),
  probing: z.boolean(),
  connectivity: z.object({ ipv4: reachabilitySchema, ipv6: reachabilitySchema }),
  decisions: decisionsSchema,
  uplinks: z.array(uplink),
  faultyTargets: z.array(text),
  history: z.array(z.object({ agoMs: duration, text })),
});

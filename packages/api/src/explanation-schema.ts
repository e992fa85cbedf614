/** Checks the document of `explanation.ts` when it arrives. Fields that this version does not know are dropped. */
import { z } from "zod";
import {
  type EvidenceDocument,
  type ExplanationDocument,
  explanationSchemaNumber,
  type PathExplanationDocument,
  type UplinkExplanationDocument,
} from "./explanation.ts";
import {
  decisionsSchema,
  figuresSchema,
  kindSchema,
  probingSchema,
  reachabilitySchema,
  reasonSchema,
  uplinkStateSchema,
} from "./http-schema.ts";

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

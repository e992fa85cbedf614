/** Checks the documents of `http.ts` when they arrive. Fields that this version does not know are dropped. */

import { z } from "zod";
import {
  type BackhaulDocument,
  type ConnectivityDocument,
  type DecisionDocument,
  type DecisionsDocument,
  type FamilyDocument,
  type FiguresDocument,
  type HealthDocument,
  type NodeStatus,
  type PathDocument,
  type ProbingDocument,
  type ReachabilityName,
  type ReasonDocument,
  type ReloadDocument,
  type ResolversDocument,
  reasonCodesByState,
  statusSchemaNumber,
  type UplinkDocument,
  type UplinkKindName,
  type UplinkStateName,
} from "./http.ts";
import { meshSummarySchema } from "./mesh-schema.ts";
import { steeringSchema } from "./steering.ts";

const text = z.string();
const count = z.number().nonnegative();
export const reachabilitySchema: z.ZodType<ReachabilityName> = z.enum(["online", "offline", "portal", "unknown"]);
const healthState = z.enum(["healthy", "degraded", "unhealthy", "draining"]);
export const kindSchema: z.ZodType<UplinkKindName> = z.enum([
  "ethernet",
  "wifi",
  "lte",
  "usb-tether",
  "bluetooth-pan",
  "virtual",
  "unknown",
]);

export const uplinkStateSchema: z.ZodType<UplinkStateName> = z.enum(
  Object.keys(reasonCodesByState) as [UplinkStateName, ...UplinkStateName[]],
);

export const reasonSchema: z.ZodType<ReasonDocument> = z.object({
  code: z.enum(Object.values(reasonCodesByState).flat()),
  text,
});

export const figuresSchema: z.ZodType<FiguresDocument> = z.object({
  rttMs: count.nullable(),
  jitterMs: count.nullable(),
  loss: z.number().min(0).max(1).nullable(),
  score: z
    .object({ total: z.number(), latency: z.number(), loss: z.number(), success: z.number(), bias: z.number() })
    .nullable(),
});

export const probingSchema: z.ZodType<ProbingDocument> = z.object({
  profile: z.enum(["fast", "normal", "eco"]),
  bytesPerDay: count,
});

const family: z.ZodType<FamilyDocument> = z.object({
  state: uplinkStateSchema,
  reason: reasonSchema,
  figures: figuresSchema,
  source: text.nullable(),
  addresses: z.array(text),
  gateway: text.nullable(),
  wayOut: z.enum(["route", "lease"]).nullable(),
  metric: count.nullable(),
  network: text.nullable(),
});

const resolvers: z.ZodType<ResolversDocument> = z.object({
  servers: z.array(text),
  source: z.enum(["config", "networkmanager", "networkd", "lease", "router-advertisement", "resolv.conf"]).nullable(),
  detail: text,
});

export const uplinkSchema: z.ZodType<UplinkDocument> = z.object({
  id: text,
  name: text,
  label: text.nullable(),
  ifindex: count,
  kind: kindSchema,
  kindSource: text,
  state: uplinkStateSchema,
  reason: reasonSchema,
  mtuBytes: count,
  ipv4: family,
  ipv6: family,
  resolvers,
  metered: z.object({
    value: z.boolean().nullable(),
    source: z.enum(["config", "networkmanager", "networkd", "lease"]).nullable(),
  }),
  speedMbps: count.nullable(),
  counters: z.object({ receivedBytes: count, sentBytes: count, receivedPackets: count, sentPackets: count }).nullable(),
  rttMs: count.nullable(),
  loss: z.number().min(0).max(1).nullable(),
  score: z.number().nullable(),
  probing: probingSchema.nullable(),
});

const path: z.ZodType<PathDocument> = z.object({
  uplinkId: text,
  name: text,
  ifindex: count,
  family: z.enum(["ipv4", "ipv6"]),
  source: text,
  gateway: text.nullable(),
  mark: count,
  mtuBytes: count,
  metered: z.boolean().nullable(),
  state: z.enum(["unknown", "up", "degraded", "probing"]),
  score: z.number().nullable(),
});

export const connectivitySchema: z.ZodType<ConnectivityDocument> = z.object({
  generation: count,
  ipv4: reachabilitySchema,
  ipv6: reachabilitySchema,
  active: z.object({ ipv4: text.nullable(), ipv6: text.nullable(), overall: text.nullable() }),
  usable: z.array(path),
});

const shares = z.array(z.object({ uplinkId: text, name: text, weight: count, percent: count }));

const decision: z.ZodType<DecisionDocument> = z.object({
  uplinkId: text.nullable(),
  name: text.nullable(),
  reason: text,
  rejected: z.array(z.object({ uplinkId: text, name: text, reason: text })),
  order: z.enum(["pinned", "used", "drained-last-resort"]).nullable(),
  shares,
  kernel: z.object({ uplinkId: text, name: text, isDeadEnd: z.boolean(), isOurs: z.boolean(), shares }).nullable(),
});

export const decisionsSchema: z.ZodType<DecisionsDocument> = z.object({
  ipv4: decision,
  ipv6: decision,
  overall: decision,
});

const backhaul: z.ZodType<BackhaulDocument> = z.object({
  monitorOnly: z.boolean(),
  steering: steeringSchema,
  probing: z.boolean(),
  connectivity: connectivitySchema,
  uplinks: z.array(uplinkSchema),
  decisions: decisionsSchema,
});

export const healthSchema: z.ZodType<HealthDocument> = z.object({
  state: healthState,
  ready: z.boolean(),
  subsystems: z.array(
    z.object({ name: text, state: healthState.nullable(), reason: text.nullable(), since: text.nullable() }),
  ),
});

export const nodeStatusSchema: z.ZodType<NodeStatus> = z.object({
  schema: z.literal(statusSchemaNumber),
  version: text,
  pid: count,
  startedAt: text,
  at: text,
  health: healthSchema,
  backhaul,
  mesh: meshSummarySchema.exactOptional(),
});

export const reloadSchema: z.ZodType<ReloadDocument> = z.object({
  applied: z.array(text),
  needsRestart: z.array(text),
});

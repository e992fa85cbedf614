/** Checks the documents of `http.ts` when they arrive. Fields that this version does not know are dropped. */
import { z } from "zod";
import {
  type BackhaulDocument,
  type ConnectivityDocument,
  type DecisionDocument,
  type DecisionsDocument,
  type FamilyDocument,
  type NodeStatus,
  type PathDocument,
  type ReasonDocument,
  type ReloadDocument,
  type ResolversDocument,
  statusSchemaNumber,
  type UplinkDocument,
} from "./http.ts";

const text = z.string();
const count = z.number().nonnegative();
const reachability = z.enum(["online", "offline", "portal", "unknown"]);
const health = z.enum(["healthy", "degraded", "unhealthy", "draining"]);
const uplinkState = z.enum(["down", "unknown"]);

const reason: z.ZodType<ReasonDocument> = z.object({
  code: z.enum(["disabled", "no-carrier", "dormant", "no-address", "no-gateway", "not-measured"]),
  text,
});

const family: z.ZodType<FamilyDocument> = z.object({
  state: uplinkState,
  reason,
  source: text.nullable(),
  addresses: z.array(text),
  gateway: text.nullable(),
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
  kind: z.enum(["ethernet", "wifi", "lte", "usb-tether", "bluetooth-pan", "virtual", "unknown"]),
  kindSource: text,
  state: uplinkState,
  reason,
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
  ipv4: reachability,
  ipv6: reachability,
  active: z.object({ ipv4: text.nullable(), ipv6: text.nullable(), overall: text.nullable() }),
  usable: z.array(path),
});

const decision: z.ZodType<DecisionDocument> = z.object({
  uplinkId: text.nullable(),
  name: text.nullable(),
  reason: text,
  rejected: z.array(z.object({ uplinkId: text, name: text, reason: text })),
  kernel: z.object({ uplinkId: text, name: text, isDeadEnd: z.boolean() }).nullable(),
});

export const decisionsSchema: z.ZodType<DecisionsDocument> = z.object({
  ipv4: decision,
  ipv6: decision,
  overall: decision,
});

const backhaul: z.ZodType<BackhaulDocument> = z.object({
  monitorOnly: z.boolean(),
  probing: z.boolean(),
  connectivity: connectivitySchema,
  uplinks: z.array(uplinkSchema),
  decisions: decisionsSchema,
});

export const nodeStatusSchema: z.ZodType<NodeStatus> = z.object({
  schema: z.literal(statusSchemaNumber),
  version: text,
  pid: count,
  startedAt: text,
  at: text,
  health: z.object({
    state: health,
    ready: z.boolean(),
    subsystems: z.array(
      z.object({ name: text, state: health.nullable(), reason: text.nullable(), since: text.nullable() }),
    ),
  }),
  backhaul,
});

export const reloadSchema: z.ZodType<ReloadDocument> = z.object({
  applied: z.array(text),
  needsRestart: z.array(text),
});

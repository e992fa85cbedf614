/** Checks the documents of `core.ts` when they arrive. Fields that this version does not know are dropped. */
import { z } from "zod";
import {
  type CoreEventDocument,
  type CorePeerDocument,
  type CorePeersDocument,
  type CoreReconcileDocument,
  type CoreStatusDocument,
  coreSchemaNumber,
} from "./core.ts";
import { healthSchema } from "./http-schema.ts";

const text = z.string();
const count = z.int().nonnegative();
/** Milliseconds since 1970. */
const time = z.number();
const octets = z.number().nonnegative();

export const coreReconcileSchema: z.ZodType<CoreReconcileDocument> = z.object({
  at: time,
  tookMs: z.number().nonnegative(),
  added: count,
  removed: count,
  updated: count,
});

export const coreStatusSchema: z.ZodType<CoreStatusDocument> = z.object({
  schema: z.literal(coreSchemaNumber),
  version: text,
  pid: count,
  startedAt: time,
  at: time,
  health: healthSchema,
  device: z.object({
    name: text,
    driver: z.enum(["kernel", "wireguard-go"]),
    publicKey: text,
    listenPort: count,
    endpoint: text,
    mtu: count,
  }),
  pools: z.array(text),
  ownAddresses: z.array(text),
  counts: z.object({ peers: count, capacity: count, strangers: count, tombstones: count, resting: count }),
  orders: z.object({ boot: text, latestGeneration: count, watermark: count, wantsSnapshot: z.boolean() }),
  entry: z.object({
    address: text.nullable(),
    heardAt: time.nullable(),
    fault: text.nullable(),
    isAdmitted: z.boolean().nullable(),
  }),
  reconcile: coreReconcileSchema.nullable(),
  drops: z.array(z.object({ reason: text, packets: count, bytes: octets })),
});

const peer: z.ZodType<CorePeerDocument> = z.object({
  placement: text,
  generation: count,
  publicKey: text,
  addresses: z.array(text),
  hasPresharedKey: z.boolean(),
  leaseLeftMs: z.number().nonnegative(),
  traffic: z.object({ receivedBytes: octets, sentBytes: octets, lastHandshakeAt: time.nullable() }).nullable(),
});

export const corePeersSchema: z.ZodType<CorePeersDocument> = z.object({
  schema: z.literal(coreSchemaNumber),
  at: time,
  peers: z.array(peer),
});

export const coreEventSchema: z.ZodType<CoreEventDocument> = z.object({
  kind: z.enum(["snapshot", "changed"]),
  at: time,
  status: coreStatusSchema,
});

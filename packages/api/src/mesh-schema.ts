/** Checks the documents of `mesh.ts` when they arrive. Fields that this version does not know are dropped. */
import { z } from "zod";
import {
  type MeshAnswerDocument,
  type MeshPeerDocument,
  type MeshRouteDocument,
  type MeshRoutesDocument,
  type MeshStatusDocument,
  type MeshSummaryDocument,
  meshSchemaNumber,
} from "./mesh.ts";

const text = z.string();
const count = z.int().nonnegative();
const duration = z.number().nonnegative();
const address = z.string().regex(/^[0-9a-f]{32}$/);
const counts = z.record(text, count);
const traffic = z.object({ frames: count, bytes: count });

export const meshSummarySchema: z.ZodType<MeshSummaryDocument> = z.object({
  address,
  neighbours: count,
  reachable: count,
});

const peer: z.ZodType<MeshPeerDocument> = z.object({
  address,
  direction: z.enum(["dialled", "accepted"]),
  remote: text,
  local: text,
  path: text.nullable(),
  openForMs: duration,
  rttMs: duration.nullable(),
  kind: z.enum(["standard", "open", "universal"]).nullable(),
  online: z.enum(["unknown", "offline", "online"]).nullable(),
  sent: traffic,
  received: traffic,
  dropped: count,
  waitingBytes: count,
  // An earlier version does not tell it.
  overRate: counts.default({}),
});

export const meshStatusSchema: z.ZodType<MeshStatusDocument> = z.object({
  schema: z.literal(meshSchemaNumber),
  address,
  state: z.enum(["running", "draining", "persisting", "clean-up", "complete"]),
  held: text.nullable(),
  listening: z.array(z.object({ address: text, port: count })),
  discovered: count.nullable(),
  runningForMs: duration,
  peers: z.array(peer),
  routes: z.object({ known: count, reachable: count, limit: count }),
  strangers: count,
  strangersRefused: counts.default({}),
  tally: z.object({
    announcesProved: count,
    announcesRefused: counts,
    packetsPassed: count,
    packetsArrived: count,
    packetsDropped: counts,
    overRate: counts.default({}),
  }),
});

const route: z.ZodType<MeshRouteDocument> = z.object({
  address,
  distance: count.nullable(),
  nextHops: z.array(z.object({ peer: address, distance: count, inUse: z.boolean() })),
  standing: z.enum(["unconfirmed", "confirmed", "neighbour"]),
  expiresInMs: duration,
  capabilities: count,
  contact: z.boolean(),
});

export const meshRoutesSchema: z.ZodType<MeshRoutesDocument> = z.object({
  schema: z.literal(meshSchemaNumber),
  routes: z.array(route),
});

export const meshAnswerSchema: z.ZodType<MeshAnswerDocument> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("answered"), address, roundTripMs: duration, path: z.array(address) }),
  z.object({ kind: z.literal("unanswered"), address, why: z.enum(["no-route", "lost", "busy", "closed"]) }),
]);

/** Checks the documents of `tunnel.ts` when they arrive. Fields that this version does not know are dropped. */
import { z } from "zod";
import { healthSchema } from "./http-schema.ts";
import {
  type BothWaysDocument,
  type BreakerDocument,
  type DestinationDocument,
  type LaneDocument,
  type ReachDocument,
  type SessionDocument,
  type SessionStateDocument,
  type SourceDocument,
  type StreamDocument,
  type TunnelActDocument,
  type TunnelListenerDocument,
  type TunnelPeerDocument,
  type TunnelStatusDocument,
  type TunnelStreamsDocument,
  tunnelSchemaNumber,
} from "./tunnel.ts";

const text = z.string();
const count = z.int().nonnegative();
/** Milliseconds since 1970. */
const time = z.number();
const bothWays: z.ZodType<BothWaysDocument> = z.object({ sent: count, received: count });

export const tunnelPeerSchema: z.ZodType<TunnelPeerDocument> = z.object({
  names: z.array(text),
  authority: text,
  until: time,
});

const lane: z.ZodType<LaneDocument> = z.object({
  since: time,
  remote: text,
  local: text,
  path: text.nullable(),
  rttMs: z.number().nonnegative().nullable(),
  keys: bothWays,
  records: bothWays,
  octets: bothWays,
  retransmits: count.nullable(),
});

const sessionState: z.ZodType<SessionStateDocument> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("up"), lane }),
  z.object({ kind: z.literal("absent"), since: time, until: time }),
]);

const session: z.ZodType<SessionDocument> = z.object({
  id: text,
  peer: tunnelPeerSchema,
  since: time,
  state: sessionState,
  express: lane.nullable(),
  copies: z.object({ sent: count, first: count, late: count, early: count }),
  streams: z.object({ open: count, limit: count, opened: count, refused: count }),
  credit: z.object({ usedBytes: count, budgetBytes: count }),
  octets: bothWays,
  resumptions: count,
});

const listener: z.ZodType<TunnelListenerDocument> = z.object({
  address: text,
  port: count,
  request: text.nullable(),
  connections: count,
  limit: count,
});

const breaker: z.ZodType<BreakerDocument> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("closed") }),
  z.object({ kind: z.literal("open"), nextAt: time }),
]);

const reach: z.ZodType<ReachDocument> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("up"), destination: text }),
  z.object({
    kind: z.literal("seeking"),
    since: time,
    dials: count,
    nextAt: time.nullable(),
    lastFailure: text.nullable(),
  }),
  z.object({ kind: z.literal("offline"), since: time }),
  z.object({ kind: z.literal("stopped") }),
]);

const end = {
  isDraining: z.boolean(),
  identity: tunnelPeerSchema,
  listeners: z.array(listener),
  sessions: z.array(session),
};

const eitherEnd: z.ZodType<SourceDocument | DestinationDocument> = z.discriminatedUnion("role", [
  z.object({
    role: z.literal("source"),
    ...end,
    reach,
    destinations: z.array(z.object({ destination: text, breaker })),
  }),
  z.object({
    role: z.literal("destination"),
    ...end,
    services: z.array(z.object({ name: text, port: count.nullable(), target: text, connections: count, limit: count })),
  }),
]);

export const tunnelStatusSchema: z.ZodType<TunnelStatusDocument> = z.object({
  schema: z.literal(tunnelSchemaNumber),
  version: text,
  pid: count,
  startedAt: time,
  at: time,
  health: healthSchema,
  end: eitherEnd,
});

const stream: z.ZodType<StreamDocument> = z.object({
  session: text,
  stream: count,
  request: text,
  from: text.nullable(),
  to: text.nullable(),
  since: time,
  octets: bothWays,
  waiting: z.object({ toPeerBytes: count, toApplicationBytes: count }),
  state: z.enum(["asking", "open", "half-closed", "resetting"]),
});

export const tunnelStreamsSchema: z.ZodType<TunnelStreamsDocument> = z.object({
  schema: z.literal(tunnelSchemaNumber),
  at: time,
  streams: z.array(stream),
});

export const tunnelActSchema: z.ZodType<TunnelActDocument> = z.object({
  streams: count,
  withinMs: z.number().nonnegative().nullable(),
});

/** Checks the documents of `broadcasts.ts` when they arrive, at the node and at who asks it. Unknown fields are dropped. */
import { z } from "zod";
import {
  type BroadcastAnswerDocument,
  type BroadcastDocument,
  broadcastsSchemaNumber,
  type ChannelDocument,
  type ChannelKeyDocument,
  type ChannelsDocument,
  type HeardPageDocument,
  type NamedChannelDocument,
  type NewChannelDocument,
} from "./broadcasts.ts";
import { messagePriorities } from "./messages.ts";
import { contentSchema } from "./messages-schema.ts";

const schema = z.literal(broadcastsSchemaNumber);
const text = z.string();
const count = z.int().nonnegative();
const port = z.int().min(0).max(65_535);
const id = text.regex(/^[0-9a-f]{16}$/);
const key = text.regex(/^[0-9a-f]{64}$/);
const duration = z.number().nonnegative();

export const broadcastSchema: z.ZodType<BroadcastDocument> = z.object({
  channel: text.nullable().default(null),
  port: port.default(0),
  priority: z.enum(messagePriorities).default("normal"),
  lifeMs: z.number().positive().nullable().default(null),
  content: contentSchema,
});

export const broadcastAnswerSchema: z.ZodType<BroadcastAnswerDocument> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("sent"), id, neighbours: count, lifeMs: duration }),
  z.object({
    kind: z.literal("refused"),
    why: z.enum(["too-long", "no-channel", "too-many", "closed"]),
    ...{ figure: count.nullable(), limit: count.nullable(), waitMs: duration.nullable() },
  }),
]);

export const heardPageSchema: z.ZodType<HeardPageDocument> = z.object({
  schema,
  broadcasts: z.array(
    z.object({
      ...{ number: count, sender: text.regex(/^[0-9a-f]{32}$/).nullable(), name: text.nullable() },
      ...{ channel: text.nullable(), port, id, sentAt: text, receivedAt: text, bytes: count, content: contentSchema },
    }),
  ),
  next: count.nullable(),
});

export const channelSchema: z.ZodType<ChannelDocument> = z.object({ name: text, fingerprint: id });

export const channelsSchema: z.ZodType<ChannelsDocument> = z.object({ schema, channels: z.array(channelSchema) });

export const newChannelSchema: z.ZodType<NewChannelDocument> = z.object({
  name: text,
  key: key.nullable().default(null),
});

export const namedChannelSchema: z.ZodType<NamedChannelDocument> = z.object({ channel: text });

export const channelKeySchema: z.ZodType<ChannelKeyDocument> = z.object({ name: text, key });

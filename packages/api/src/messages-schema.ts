/** Checks the documents of `messages.ts` when they arrive, at the node and at who asks it. Unknown fields are dropped. */
import { z } from "zod";
import {
  type ContactDocument,
  type ContactsDocument,
  type ContentDocument,
  type FormerContactDocument,
  type InboxDocument,
  type MessageEventDocument,
  type MessageStoreDocument,
  messagePriorities,
  messagesSchemaNumber,
  type NewContactDocument,
  type OutboxDocument,
  type SendAnswerDocument,
  type SendDocument,
  type SendStatusDocument,
  type TakeDocument,
  type TakenDocument,
  type WithdrawnDocument,
} from "./messages.ts";

const schema = z.literal(messagesSchemaNumber);
const text = z.string();
const count = z.int().nonnegative();
const duration = z.number().nonnegative();
const address = text.regex(/^[0-9a-f]{32}$/);
const key = text.regex(/^[0-9a-f]{64}$/);
const id = text.regex(/^[0-9a-f]{16}$/);
const port = z.int().min(0).max(65_535);
const priority = z.enum(messagePriorities);
const mostNumbers = 1_000;

export const contentSchema: z.ZodType<ContentDocument> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("text"), text }),
  z.object({ kind: z.literal("base64"), base64: z.base64() }),
]);

export const sendSchema: z.ZodType<SendDocument> = z.object({
  to: text,
  port: port.default(0),
  priority: priority.default("normal"),
  lifeMs: z.number().positive().nullable().default(null),
  content: contentSchema,
});

export const sendStatusSchema: z.ZodType<SendStatusDocument> = z.object({
  to: text,
  entryKey: key,
  priority: priority.default("normal"),
  lifeMs: z.number().positive().nullable().default(null),
});

export const sendAnswerSchema: z.ZodType<SendAnswerDocument> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("accepted"), id, to: address, lifeMs: duration }),
  z.object({
    kind: z.literal("refused"),
    why: z.enum(["too-long", "full", "busy", "to-itself", "store", "closed"]),
    figure: count.nullable(),
    limit: count.nullable(),
  }),
]);

export const inboxSchema: z.ZodType<InboxDocument> = z.object({
  schema,
  messages: z.array(
    z.object({
      ...{ number: count, sender: address, name: text.nullable(), port, id },
      ...{ sentAt: text, receivedAt: text, bytes: count, content: contentSchema },
    }),
  ),
  next: count.nullable(),
});

export const takeSchema: z.ZodType<TakeDocument> = z.object({ numbers: z.array(count).max(mostNumbers) });

export const takenSchema: z.ZodType<TakenDocument> = z.object({
  taken: z.array(count),
  untaken: z.array(count),
  why: text.nullable(),
});

export const outboxSchema: z.ZodType<OutboxDocument> = z.object({
  schema,
  messages: z.array(
    z.object({
      ...{ id, to: address, name: text.nullable(), port, priority, bytes: count, acceptedAt: text },
      ...{ leftMs: duration, parts: count, proved: count, state: z.enum(["waiting", "under-way", "kept"]) },
    }),
  ),
});

export const withdrawnSchema: z.ZodType<WithdrawnDocument> = z.object({ id, withdrawn: z.boolean() });

export const contactSchema: z.ZodType<ContactDocument> = z.object({ address, name: text.nullable(), key });

export const contactsSchema: z.ZodType<ContactsDocument> = z.object({ schema, contacts: z.array(contactSchema) });

export const newContactSchema: z.ZodType<NewContactDocument> = z.object({
  name: text,
  address,
  key: key.nullable().default(null),
});

export const formerContactSchema: z.ZodType<FormerContactDocument> = z.object({ contact: text });

export const messageStoreSchema: z.ZodType<MessageStoreDocument> = z.object({
  schema,
  start: z.enum(["new", "kept", "lost", "salvaged"]),
  salvaged: z
    .object({
      aside: text,
      reason: text,
      tables: z.array(z.object({ name: text, saved: count, refused: count })),
    })
    .nullable(),
  inbox: z.object({ messages: count, limit: count, bytes: count, limitBytes: count }),
  outbox: z.object({ messages: count, bytes: count, limitBytes: count }),
  custody: z.object({ envelopes: count, bytes: count, limitBytes: count }),
  longestLifeMs: duration,
  counts: z.record(text, count),
});

export const messageEventSchema: z.ZodType<MessageEventDocument> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("snapshot"), at: text, store: messageStoreSchema }),
  z.object({ kind: z.literal("received"), at: text, number: count, sender: address, port }),
  z.object({
    kind: z.literal("heard"),
    at: text,
    number: count,
    sender: address.nullable(),
    channel: text.nullable(),
    port,
  }),
  z.object({ kind: z.literal("progress"), at: text, id, proved: count, of: count }),
  z.object({ kind: z.literal("given-up"), at: text, sender: address }),
  z.object({ kind: z.enum(["inbox-full", "inbox-roomy"]), at: text }),
  z.object({ kind: z.enum(["accepted", "refused", "delivered", "expired"]), at: text, id }),
]);

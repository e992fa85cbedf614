/** `[mesh.store]`: what is kept of messages, own ones and others'. */
import { type Bytes, bytes, type Millis, seconds } from "@ropewalk/kernel/units";
import { durationSchema, table } from "@ropewalk/ops/config-schema";
import { z } from "zod";
import { defaultAccepting } from "../pure/messages/accepting.ts";
import { defaultCustodyOctets } from "../pure/messages/custody.ts";
import type { MessagesConfig } from "../pure/messages/message-desk-terms.ts";

export interface StoreConfig {
  /** False: this node carries no messages, not even others'. */
  readonly enabled: boolean;
  /** Octets that are kept for others, and of own messages that are not delivered. */
  readonly maxCustodyBytes: Bytes;
  readonly maxOutboxBytes: Bytes;
  /** Octets of one message. */
  readonly maxMessageBytes: Bytes;
  /** Messages that no application has taken. */
  readonly maxInbox: number;
  /** Octets of those, and of what came in part. */
  readonly maxInboxBytes: Bytes;
  /** As long as anything is kept for others, and an own message lives at most. */
  readonly maxLife: Millis;
}

const day = 86_400;
const megabytes = 2 ** 20;
/** So many of the longest messages must find room: a stranger's parts have a thirty-second of it. */
const leastInbox = 8;

function octets(usual: number, least: number, most: number) {
  return z
    .int()
    .min(least)
    .max(most)
    .default(usual)
    .transform((value) => bytes(value));
}

export const storeTable: z.ZodType<StoreConfig> = table({
  enabled: z.boolean().default(true),
  max_custody_bytes: octets(defaultCustodyOctets, megabytes, 4096 * megabytes),
  max_outbox_bytes: octets(defaultAccepting.most, megabytes, 4096 * megabytes),
  max_message_bytes: octets(defaultAccepting.longest, 1024, 16 * megabytes),
  max_inbox: z.int().min(1).max(10_000_000).default(100_000),
  max_inbox_bytes: octets(128 * megabytes, megabytes, 16_384 * megabytes),
  max_life: durationSchema
    .refine((value) => value >= seconds(60) && value <= seconds(30 * day), { error: "expected 1 minute to 30 days" })
    .default(seconds(7 * day)),
}).refine(({ maxInboxBytes, maxMessageBytes }) => maxInboxBytes >= leastInbox * maxMessageBytes, {
  path: ["max_inbox_bytes"],
  error: `expected ${leastInbox} times max_message_bytes at least`,
});

export function messagesConfig(
  { maxCustodyBytes, maxOutboxBytes, maxMessageBytes, maxInbox, maxInboxBytes, maxLife }: StoreConfig,
  isConstrained: boolean,
): MessagesConfig {
  return {
    accepting: { ...defaultAccepting, most: maxOutboxBytes, longest: maxMessageBytes },
    custody: maxCustodyBytes,
    longestLife: maxLife,
    mostInbox: maxInbox,
    inboxOctets: maxInboxBytes,
    isConstrained,
  };
}

/** What a node says of broadcasts, as its API tells it. */
import type { BroadcastAnswerDocument, ChannelDocument, HeardDocument } from "@ropewalk/api/broadcasts";
import { sha256 } from "@ropewalk/crypto/sha256";
import type { Millis } from "@ropewalk/kernel/units";
import type { BroadcastOutcome } from "@ropewalk/mesh/broadcasts";
import type { BroadcastRow } from "@ropewalk/mesh/pure/messages/store-questions";
import { contentDocument, type NameOf, timeText } from "./message-documents.ts";

const fingerprintLength = 8;

export function broadcastAnswer(outcome: BroadcastOutcome, life: Millis): BroadcastAnswerDocument {
  if (outcome.kind === "sent") return { ...outcome, lifeMs: life };
  const { why } = outcome;
  const refused = { kind: "refused", why: why.kind, figure: null, limit: null, waitMs: null } as const;
  switch (why.kind) {
    case "too-long":
      return { ...refused, figure: why.octets, limit: why.limit };
    case "too-many":
      return { ...refused, waitMs: why.wait };
    case "no-channel":
    case "closed":
      return refused;
  }
}

export function heardDocument(row: BroadcastRow, nameOf: NameOf): HeardDocument {
  const { number, source, port, id, sent, at, octets } = row;
  const sender = source.kind === "origin" ? source.address : null;
  return {
    ...{ number, sender, name: sender && nameOf(sender) },
    ...{ channel: source.kind === "channel" ? source.name : null, port, id },
    sentAt: timeText(sent),
    receivedAt: timeText(at),
    bytes: octets.length,
    content: contentDocument(octets),
  };
}

/** Without the key. */
export function channelDocument(name: string, key: Uint8Array): ChannelDocument {
  return { name, fingerprint: sha256(key).subarray(0, fingerprintLength).toHex() };
}

/** What a node says of its messages, as its API tells it. */
import {
  type ContactDocument,
  type ContentDocument,
  type InboxMessageDocument,
  type MessageEventDocument,
  type MessageStoreDocument,
  messagePriorities,
  messagesSchemaNumber,
  type OutboxMessageDocument,
  type SendAnswerDocument,
} from "@ropewalk/api/messages";
import type { Millis } from "@ropewalk/kernel/units";
import type { SalvagedTable } from "@ropewalk/mesh/io/store/salvage";
import type { Messages, SendOutcome } from "@ropewalk/mesh/messages";
import type { OutboxStatus } from "@ropewalk/mesh/outbox-status";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import type { MessageEvent } from "@ropewalk/mesh/pure/messages/message-terms";
import type { StoredContact, StoreRefusal } from "@ropewalk/mesh/pure/messages/store-operations";
import type { InboxRow } from "@ropewalk/mesh/pure/messages/store-questions";

/** What this node calls somebody; null where it has no name for him. */
export type NameOf = (address: MeshAddress) => string | null;

export function sendAnswer(outcome: SendOutcome, to: MeshAddress, life: Millis): SendAnswerDocument {
  if (outcome.kind === "accepted") return { kind: "accepted", id: outcome.id, to, lifeMs: life };
  const { why } = outcome;
  switch (why.kind) {
    case "too-long":
    case "full":
      return { kind: "refused", why: why.kind, figure: why.octets, limit: why.limit };
    case "store":
      return { kind: "refused", why: why.reason === "busy" ? "busy" : why.kind, figure: null, limit: null };
    case "to-itself":
    case "closed":
      return { kind: "refused", why: why.kind, figure: null, limit: null };
  }
}

/** Why nothing was changed, and what to do. */
export function storeRefusalText(reason: StoreRefusal): string {
  switch (reason) {
    case "busy":
      return "the disk is slower than what is asked of it: try again in a moment";
    case "full":
      return "there is no room on the disk: free some";
    case "failed":
      return "the store cannot be written: ropewalk status and the node's log say why";
    case "closed":
      return "the node is stopping, or its store has died";
  }
}

/** Undefined where base64 is none. */
export function contentOctets(content: ContentDocument): Uint8Array | undefined {
  if (content.kind === "text") return new TextEncoder().encode(content.text);
  try {
    return Uint8Array.fromBase64(content.base64);
  } catch {
    return undefined;
  }
}

/** As text where it is some, and JSON does not make much more of it than base64 would. */
export function contentDocument(octets: Uint8Array): ContentDocument {
  const text = textOf(octets);
  const isBrief = text !== undefined && Buffer.byteLength(JSON.stringify(text)) <= octets.length * 1.5 + 64;
  return isBrief ? { kind: "text", text } : { kind: "base64", base64: octets.toBase64() };
}

function textOf(octets: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

export function inboxMessageDocument(row: InboxRow, nameOf: NameOf): InboxMessageDocument {
  const { number, sender, port, id, sent, at, content } = row;
  return {
    ...{ number, sender, name: nameOf(sender), port, id },
    sentAt: timeText(sent),
    receivedAt: timeText(at),
    bytes: content.length,
    content: contentDocument(content),
  };
}

export function outboxMessageDocument(status: OutboxStatus, nameOf: NameOf): OutboxMessageDocument {
  const { id, to, port, priority, octets, accepted, left, parts, proved, state } = status;
  return {
    ...{ id, to, name: nameOf(to), port, parts, proved, state },
    priority: messagePriorities[priority] ?? "normal",
    bytes: octets,
    acceptedAt: timeText(accepted),
    leftMs: left,
  };
}

export function contactDocument({ address, name, key }: StoredContact): ContactDocument {
  return { address, name: name ?? null, key: key.toHex() };
}

export type AskedStore = Pick<Messages, "found" | "making" | "status">;

export function messageStoreDocument(messages: AskedStore): MessageStoreDocument {
  const { config } = messages.making;
  const { start, salvaged } = messages.found;
  const { inbox, outbox, custody, counts } = messages.status() ?? nothing;
  return {
    schema: messagesSchemaNumber,
    start,
    salvaged: salvaged === undefined ? null : { ...salvaged, tables: salvaged.tables.map(salvagedTable) },
    inbox: {
      ...{ messages: inbox.messages, limit: config.mostInbox },
      ...{ bytes: inbox.octets, limitBytes: config.inboxOctets },
    },
    outbox: { messages: outbox.messages, bytes: outbox.octets, limitBytes: config.accepting.most },
    custody: { envelopes: custody.envelopes, bytes: custody.octets, limitBytes: config.custody },
    longestLifeMs: config.longestLife,
    counts,
  };
}

/** Of a node that is over. */
const nothing = {
  ...{ inbox: { messages: 0, octets: 0 }, outbox: { messages: 0, octets: 0 } },
  ...{ custody: { envelopes: 0, octets: 0 }, counts: {} },
};

function salvagedTable({ name, saved, refused }: SalvagedTable) {
  return { name, saved, refused };
}

export function messageEventDocument(event: MessageEvent, at: string): MessageEventDocument {
  switch (event.kind) {
    case "received": {
      const { kind, number, sender, port } = event;
      return { at, kind, number, sender, port };
    }
    case "heard": {
      const { kind, number, source, port } = event;
      const sender = source.kind === "origin" ? source.address : null;
      return { at, kind, number, sender, channel: source.kind === "channel" ? source.name : null, port };
    }
    case "progress": {
      const { kind, id, proved, of } = event;
      return { at, kind, id, proved, of };
    }
    case "given-up":
      return { at, kind: event.kind, sender: event.sender };
    case "inbox-full":
    case "inbox-roomy":
      return { at, kind: event.kind };
    case "accepted":
    case "refused":
    case "delivered":
    case "expired":
      return { at, kind: event.kind, id: event.id };
  }
}

/** Of a clock that nobody vouches for: what no calendar has is the beginning of time. */
export function timeText(secondsSince1970: number): string {
  const date = new Date(secondsSince1970 * 1_000);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}

/**
 * What a node answers of broadcasts: what is said to all who are near, signed by this node, or in a channel to who has its key. For those alone
 * who may change things, as all of messages.
 */
import type { ContentDocument, MessagePriority, TakeDocument, TakenDocument } from "./messages.ts";

export const broadcastsSchemaNumber = 1;

/**
 * `send`, `take`, `addChannel`, `channelKey` and `removeChannel` are POSTs with a document. The rest is read by GET, `heard` with
 * "?after=NUMBER&most=COUNT&port=PORT". All over the Unix socket only.
 */
export const broadcastRoutes = {
  send: "/v1/mesh/messages/broadcast",
  heard: "/v1/mesh/messages/broadcasts",
  take: "/v1/mesh/messages/broadcasts/take",
  channels: "/v1/mesh/messages/channels",
  addChannel: "/v1/mesh/messages/channels/add",
  channelKey: "/v1/mesh/messages/channels/key",
  removeChannel: "/v1/mesh/messages/channels/remove",
} as const;

const { send, take, addChannel, channelKey, removeChannel } = broadcastRoutes;
const acts: readonly string[] = [send, take, addChannel, channelKey, removeChannel];

/** Whether a POST there does something, or tells what is kept from mere readers. */
export function isBroadcastAct(path: string): boolean {
  return acts.includes(path);
}

/** What is sent with POST send. */
export interface BroadcastDocument {
  /** A channel's name; null: for all, signed. */
  readonly channel: string | null;
  /** For which application: 0 to 65,535; 0 is for people. */
  readonly port: number;
  readonly priority: MessagePriority;
  /** As long as it is worth anything, an hour at most; null: ten minutes. */
  readonly lifeMs: number | null;
  /** 1,024 octets at most. */
  readonly content: ContentDocument;
}

/** `too-many`: as others take of one node went out. */
export type BroadcastRefusalWhy = "too-long" | "no-channel" | "too-many" | "closed";

export type BroadcastAnswerDocument =
  /** To so many neighbours at once, and to those that come within its life. That anybody has it nobody proves. */
  | { readonly kind: "sent"; readonly id: string; readonly neighbours: number; readonly lifeMs: number }
  /** Octets and their limit, where it is too long; how long to wait, where there were too many. */
  | {
      readonly kind: "refused";
      readonly why: BroadcastRefusalWhy;
      readonly figure: number | null;
      readonly limit: number | null;
      readonly waitMs: number | null;
    };

export interface HeardDocument {
  /** Numbers only grow, and none is ever used twice. */
  readonly number: number;
  /** Who signed it; null in a channel, where nobody is known. */
  readonly sender: string | null;
  /** As this node calls the sender; null where he is no contact. */
  readonly name: string | null;
  /** As this node calls the channel; null where it was said to all. */
  readonly channel: string | null;
  readonly port: number;
  readonly id: string;
  /** By the sender's clock. */
  readonly sentAt: string;
  readonly receivedAt: string;
  readonly bytes: number;
  readonly content: ContentDocument;
}

/** The answer of GET heard: what was not taken, the oldest first. Of more than a thousand the oldest are gone. */
export interface HeardPageDocument {
  readonly schema: typeof broadcastsSchemaNumber;
  readonly broadcasts: readonly HeardDocument[];
  /** What to give as `after` for those that follow; null: none was here. */
  readonly next: number | null;
}

/** With POST take, and its answer: as of messages. */
export type TakeHeardDocument = TakeDocument;
export type TakenHeardDocument = TakenDocument;

export interface ChannelDocument {
  readonly name: string;
  /** By which people see that they have the same key: 16 hexadecimal digits that tell nothing of it. */
  readonly fingerprint: string;
}

export interface ChannelsDocument {
  readonly schema: typeof broadcastsSchemaNumber;
  readonly channels: readonly ChannelDocument[];
}

/** What is sent with POST addChannel. `key`: 64 hexadecimal digits; null: the node makes one. */
export interface NewChannelDocument {
  readonly name: string;
  readonly key: string | null;
}

/** What is sent with POST channelKey and removeChannel: its name. */
export interface NamedChannelDocument {
  readonly channel: string;
}

/** The answer of POST channelKey: a secret, for who is to write and read there. */
export interface ChannelKeyDocument {
  readonly name: string;
  readonly key: string;
}

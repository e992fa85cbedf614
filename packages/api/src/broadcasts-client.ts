/** A node's client for who asks about broadcasts. All reject as those of messages. */
import type { Asker } from "./asking.ts";
import {
  type BroadcastAnswerDocument,
  type BroadcastDocument,
  broadcastRoutes,
  type ChannelDocument,
  type ChannelKeyDocument,
  type ChannelsDocument,
  type HeardPageDocument,
  type TakenHeardDocument,
} from "./broadcasts.ts";
import {
  broadcastAnswerSchema,
  channelKeySchema,
  channelSchema,
  channelsSchema,
  heardPageSchema,
} from "./broadcasts-schema.ts";
import { takenSchema } from "./messages-schema.ts";
import { type InboxQuestion, pagePath } from "./page-path.ts";

export interface BroadcastsClient {
  send(broadcast: BroadcastDocument, signal: AbortSignal): Promise<BroadcastAnswerDocument>;
  heard(question: InboxQuestion, signal: AbortSignal): Promise<HeardPageDocument>;
  take(numbers: readonly number[], signal: AbortSignal): Promise<TakenHeardDocument>;
  channels(signal: AbortSignal): Promise<ChannelsDocument>;
  /** `key`: 64 hexadecimal digits; null: the node makes one. */
  addChannel(name: string, key: string | null, signal: AbortSignal): Promise<ChannelDocument>;
  channelKey(channel: string, signal: AbortSignal): Promise<ChannelKeyDocument>;
  /** Those that are left. */
  removeChannel(channel: string, signal: AbortSignal): Promise<ChannelsDocument>;
}

export function createBroadcastsClient({ ask }: Pick<Asker, "ask">): BroadcastsClient {
  const { send, heard, take, channels, addChannel, channelKey, removeChannel } = broadcastRoutes;
  return {
    send: (broadcast, signal) => ask("POST", send, broadcastAnswerSchema, signal, broadcast),
    heard: (question, signal) => ask("GET", pagePath(heard, question), heardPageSchema, signal),
    take: (numbers, signal) => ask("POST", take, takenSchema, signal, { numbers }),
    channels: (signal) => ask("GET", channels, channelsSchema, signal),
    addChannel: (name, key, signal) => ask("POST", addChannel, channelSchema, signal, { name, key }),
    channelKey: (channel, signal) => ask("POST", channelKey, channelKeySchema, signal, { channel }),
    removeChannel: (channel, signal) => ask("POST", removeChannel, channelsSchema, signal, { channel }),
  };
}

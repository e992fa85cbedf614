/** What a node answers of broadcasts and channels: to those alone who may change things. A channel's key is told to who asks for it, and logged nowhere. */
import {
  type BroadcastDocument,
  broadcastRoutes,
  broadcastsSchemaNumber,
  type NewChannelDocument,
} from "@ropewalk/api/broadcasts";
import { broadcastSchema, namedChannelSchema, newChannelSchema } from "@ropewalk/api/broadcasts-schema";
import { messagePriorities } from "@ropewalk/api/messages";
import { takeSchema } from "@ropewalk/api/messages-schema";
import { millis, seconds } from "@ropewalk/kernel/units";
import type { Broadcasts } from "@ropewalk/mesh/broadcasts";
import { longestBroadcastLife } from "@ropewalk/mesh/pure/messages/wire/broadcast";
import type { Priority } from "@ropewalk/mesh/pure/messages/wire/envelope";
import { type Answer, good, problem } from "./answer.ts";
import { broadcastAnswer, channelDocument, heardDocument } from "./broadcast-documents.ts";
import { takenAnswer, unchanged } from "./change-answers.ts";
import { contactNameFault } from "./contact-names.ts";
import { contentOctets, type NameOf } from "./message-documents.ts";
import { pageAnswer } from "./page-answer.ts";
import { type ReadBody, withDocument } from "./request-body.ts";

export type AskedBroadcasts = Pick<Broadcasts, keyof Broadcasts>;

const usualLife = seconds(600);
const schema = broadcastsSchemaNumber;

/** Undefined where there is no such path to be read. */
export async function broadcastsRead(
  path: string,
  query: URLSearchParams,
  { broadcasts, nameOf }: { readonly broadcasts: AskedBroadcasts; readonly nameOf: NameOf },
): Promise<Answer | undefined> {
  if (path === broadcastRoutes.channels) return channelsAnswer(broadcasts);
  if (path !== broadcastRoutes.heard) return undefined;
  const read = (after: number, most: number, port?: number) => broadcasts.list(after, most, port);
  return await pageAnswer(query, read, (rows) => {
    const documents = rows.map((row) => heardDocument(row, nameOf));
    return { schema, broadcasts: documents, next: documents.at(-1)?.number ?? null };
  });
}

/** What a POST to one of the paths of `isBroadcastAct` does. */
export async function broadcastsChange(path: string, broadcasts: AskedBroadcasts, body: ReadBody): Promise<Answer> {
  switch (path) {
    case broadcastRoutes.send:
      return await withDocument(body, broadcastSchema, (order) => sent(order, broadcasts));
    case broadcastRoutes.take:
      return await withDocument(body, takeSchema, ({ numbers }) => takenAnswer(numbers, (one) => broadcasts.take(one)));
    case broadcastRoutes.addChannel:
      return await withDocument(body, newChannelSchema, (channel) => added(channel, broadcasts));
    case broadcastRoutes.channelKey:
      return await withDocument(body, namedChannelSchema, ({ channel }) => keyAnswer(channel, broadcasts));
    case broadcastRoutes.removeChannel:
      return await withDocument(body, namedChannelSchema, ({ channel }) => removed(channel, broadcasts));
    default:
      return problem("not-found", `There is no ${path}.`);
  }
}

function sent(order: BroadcastDocument, broadcasts: AskedBroadcasts): Answer {
  const { channel, port, priority, lifeMs } = order;
  const content = contentOctets(order.content);
  if (content === undefined) return problem("bad-request", "content.base64 is no base64.");
  const life = millis(Math.min(longestBroadcastLife, Math.max(seconds(1), lifeMs ?? usualLife)));
  const level = messagePriorities.indexOf(priority) as Priority;
  const outcome = broadcasts.send({ channel: channel ?? undefined, port, priority: level, life, content });
  return good(broadcastAnswer(outcome, life));
}

async function added({ name, key }: NewChannelDocument, broadcasts: AskedBroadcasts): Promise<Answer> {
  const fault = contactNameFault(name);
  if (fault !== undefined) return problem("refused", fault);
  if (broadcasts.channels().has(name))
    return problem(
      "refused",
      `There is a channel "${name}" already: remove it first, and nobody has its key here any more.`,
    );
  const outcome = await broadcasts.putChannel(name, key === null ? undefined : Uint8Array.fromHex(key));
  if (outcome.kind === "full") return problem("refused", "There are as many channels as there may be: remove one.");
  if (outcome.kind === "refused") return unchanged(outcome.reason);
  const made = broadcasts.channels().get(name);
  return made === undefined ? problem("refused", "The node is stopping.") : good(channelDocument(name, made));
}

async function removed(name: string, broadcasts: AskedBroadcasts): Promise<Answer> {
  const outcome = await broadcasts.removeChannel(name);
  if (outcome.kind === "refused") return unchanged(outcome.reason);
  return outcome.kind === "done" ? channelsAnswer(broadcasts) : noChannel(name);
}

function keyAnswer(name: string, broadcasts: AskedBroadcasts): Answer {
  const key = broadcasts.channels().get(name);
  return key === undefined ? noChannel(name) : good({ name, key: key.toHex() });
}

function channelsAnswer(broadcasts: AskedBroadcasts): Answer {
  return good({ schema, channels: [...broadcasts.channels()].map(([name, key]) => channelDocument(name, key)) });
}

function noChannel(name: string): Answer {
  return problem("not-found", `"${name}" is no channel here.`);
}

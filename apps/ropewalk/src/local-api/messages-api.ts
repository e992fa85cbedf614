/** What a node answers of its messages: to those alone who may change things, be it that they read or that they write. */
import { isBroadcastAct } from "@ropewalk/api/broadcasts";
import {
  messagePriorities,
  messageRoutes,
  messagesSchemaNumber,
  type NewContactDocument,
  type SendDocument,
  type SendStatusDocument,
} from "@ropewalk/api/messages";
import {
  formerContactSchema,
  newContactSchema,
  sendSchema,
  sendStatusSchema,
  takeSchema,
} from "@ropewalk/api/messages-schema";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { Messages } from "@ropewalk/mesh/messages";
import { addressOfKey, type MeshAddress, parseMeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import type { Priority } from "@ropewalk/mesh/pure/messages/wire/envelope";
import type { StatusOrder, StatusOutcome } from "@ropewalk/mesh/status-sending";
import { programVersion } from "../version.ts";
import { type Answer, good, problem } from "./answer.ts";
import { type AskedBroadcasts, broadcastsChange, broadcastsRead } from "./broadcasts-api.ts";
import { takenAnswer, unchanged } from "./change-answers.ts";
import { contactNameFault, mostContacts } from "./contact-names.ts";
import {
  contactDocument,
  contentOctets,
  inboxMessageDocument,
  messageStoreDocument,
  type NameOf,
  outboxMessageDocument,
  sendAnswer,
} from "./message-documents.ts";
import { pageAnswer } from "./page-answer.ts";
import { type ReadBody, withDocument } from "./request-body.ts";

export type AskedMessages = Omit<
  Messages,
  "delivery" | "begin" | "perform" | "broadcasts" | "takeNumber" | typeof Symbol.asyncDispose
> & { readonly broadcasts: AskedBroadcasts };

/** Whose messages they are. */
export interface MessagesHolder {
  /** Undefined: it carries none. */
  readonly messages: AskedMessages | undefined;
  keyOf(address: MeshAddress): Uint8Array | undefined;
  sendStatus(order: StatusOrder): Promise<StatusOutcome>;
}

const none =
  "This node carries no messages: its configuration has no [mesh] or says mesh.store.enabled = false, or its log says what keeps it from them.";

/** Undefined where there is no such path to be read. */
export async function messagesRead(
  path: string,
  query: URLSearchParams,
  messages: AskedMessages | undefined,
): Promise<Answer | undefined> {
  if (messages === undefined) return problem("refused", none);
  const nameOf = namesOf(messages);
  const schema = messagesSchemaNumber;
  switch (path) {
    case messageRoutes.inbox:
      return await inboxAnswer(query, messages, nameOf);
    case messageRoutes.outbox:
      return good({ schema, messages: messages.outbox().map((message) => outboxMessageDocument(message, nameOf)) });
    case messageRoutes.contacts:
      return contactsAnswer(messages);
    case messageRoutes.store:
      return good(messageStoreDocument(messages));
    default:
      return await broadcastsRead(path, query, { broadcasts: messages.broadcasts, nameOf });
  }
}

/** What a POST to one of the paths of `isMessageAct` does. */
export async function messagesChange(path: string, holder: MessagesHolder, body: ReadBody): Promise<Answer> {
  const { messages } = holder;
  const { withdraw } = messageRoutes;
  const change = path.startsWith(withdraw) ? withdrawing(path.slice(withdraw.length)) : changeOf(path);
  if (change === undefined) return problem("not-found", `There is no ${path}.`);
  if (messages === undefined) return problem("refused", none);
  return await change(messages, body, holder);
}

type MessagesChange = (
  messages: AskedMessages,
  ...[body, holder]: [ReadBody, MessagesHolder]
) => Answer | Promise<Answer>;

function changeOf(path: string): MessagesChange | undefined {
  switch (path) {
    case messageRoutes.send:
      return (messages, body) => withDocument(body, sendSchema, (order) => sent(order, messages));
    case messageRoutes.take:
      return (messages, body) =>
        withDocument(body, takeSchema, ({ numbers }) => takenAnswer(numbers, (number) => messages.take(number)));
    case messageRoutes.addContact:
      return (messages, body, holder) =>
        withDocument(body, newContactSchema, (contact) => put(contact, messages, (address) => holder.keyOf(address)));
    case messageRoutes.sendStatus:
      return (messages, body, holder) =>
        withDocument(body, sendStatusSchema, (order) => statusSent(order, messages, holder));
    case messageRoutes.removeContact:
      return (messages, body) => withDocument(body, formerContactSchema, ({ contact }) => removed(contact, messages));
    default:
      return isBroadcastAct(path) ? ({ broadcasts }, body) => broadcastsChange(path, broadcasts, body) : undefined;
  }
}

function withdrawing(id: string): MessagesChange {
  return async (messages) => {
    if (!/^[0-9a-f]{16}$/.test(id)) return problem("bad-request", "The id of a message is 16 hexadecimal digits.");
    const outcome = await messages.withdraw(id);
    if (outcome.kind === "refused") return unchanged(outcome.reason);
    return good({ id, withdrawn: outcome.kind === "done" });
  };
}

async function sent(order: SendDocument, messages: AskedMessages): Promise<Answer> {
  const to = addressOf(order.to, messages);
  if (to === undefined) return problem("not-found", `"${order.to}" is no contact, and no address of 32 digits.`);
  const content = contentOctets(order.content);
  if (content === undefined) return problem("bad-request", "content.base64 is no base64.");
  const life = lifeOf(order, messages.making.config.longestLife);
  const level = messagePriorities.indexOf(order.priority) as Priority;
  const outcome = await messages.send({ to, port: order.port, priority: level, life, content });
  return good(sendAnswer(outcome, to, life));
}

async function statusSent(order: SendStatusDocument, messages: AskedMessages, holder: MessagesHolder): Promise<Answer> {
  const to = addressOf(order.to, messages);
  if (to === undefined) return problem("not-found", `"${order.to}" is no contact, and no address of 32 digits.`);
  const life = lifeOf(order, messages.making.config.longestLife);
  const level = messagePriorities.indexOf(order.priority) as Priority;
  const entry = Uint8Array.fromHex(order.entryKey);
  const outcome = await holder.sendStatus({ to, entry, version: programVersion, priority: level, life });
  if (outcome.kind === "accepted") return good(sendAnswer(outcome, to, life));
  switch (outcome.why.kind) {
    case "entry-key":
      return problem("bad-request", "entryKey is no key that anything can be sealed to.");
    case "no-messages":
      return problem("refused", none);
    default:
      return good(sendAnswer({ kind: "refused", why: outcome.why }, to, life));
  }
}

/** Never longer than the node lets a message live; the answer says how long it is. */
function lifeOf({ lifeMs }: Pick<SendDocument, "lifeMs">, longest: Millis): Millis {
  return millis(Math.min(lifeMs ?? longest, longest));
}

async function inboxAnswer(query: URLSearchParams, messages: AskedMessages, nameOf: NameOf): Promise<Answer> {
  const read = (after: number, most: number, port?: number) => messages.inbox(after, most, port);
  return await pageAnswer(query, read, (rows) => {
    const documents = rows.map((row) => inboxMessageDocument(row, nameOf));
    return { schema: messagesSchemaNumber, messages: documents, next: documents.at(-1)?.number ?? null };
  });
}

function contactsAnswer(messages: AskedMessages): Answer {
  const contacts = messages.contacts().map(contactDocument);
  return good({ schema: messagesSchemaNumber, contacts });
}

async function put(
  { name, address: text, key: given }: NewContactDocument,
  ...[messages, keyOf]: [AskedMessages, KeyOf]
): Promise<Answer> {
  const address = text as MeshAddress;
  const contacts = messages.contacts();
  const fault = contactNameFault(name) ?? takenName(name, address, contacts);
  if (fault !== undefined) return problem("refused", fault);
  if (contacts.length >= mostContacts && !contacts.some((each) => each.address === address))
    return problem("refused", `There are ${mostContacts} contacts already, which is all that there may be.`);
  const former = contacts.find((contact) => contact.address === address)?.key;
  const key = given === null ? (keyOf(address) ?? former) : Uint8Array.fromHex(given);
  if (key === undefined)
    return problem("refused", `The key of ${address} is not known, for nobody has announced it here: give it, too.`);
  if (addressOfKey(key) !== address) return problem("refused", `The key is not that of ${address}.`);
  const contact = { address, key: Uint8Array.from(key), name };
  const outcome = await messages.putContact(contact);
  return outcome.kind === "refused" ? unchanged(outcome.reason) : good(contactDocument(contact));
}

type KeyOf = MessagesHolder["keyOf"];

function takenName(name: string, address: MeshAddress, contacts: ReturnType<AskedMessages["contacts"]>) {
  const other = contacts.find((contact) => contact.name === name && contact.address !== address);
  return other === undefined ? undefined : `"${name}" is what ${other.address} is called already.`;
}

async function removed(contact: string, messages: AskedMessages): Promise<Answer> {
  const address = addressOf(contact, messages);
  const outcome = address === undefined ? undefined : await messages.removeContact(address);
  if (outcome?.kind === "refused") return unchanged(outcome.reason);
  if (outcome?.kind !== "done") return problem("not-found", `"${contact}" is no contact.`);
  return contactsAnswer(messages);
}

/** By a contact's name, or by an address. */
function addressOf(text: string, messages: AskedMessages): MeshAddress | undefined {
  return messages.contacts().find(({ name }) => name === text)?.address ?? parseMeshAddress(text);
}

function namesOf(messages: AskedMessages): NameOf {
  const names = new Map(messages.contacts().map(({ address, name }) => [address, name]));
  return (address) => names.get(address) ?? null;
}

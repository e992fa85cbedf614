/**
 * A node's client for who asks about messages, too; who does not loads none of it. Over the Unix socket only, and all reject with
 * API_REFUSED where the node carries none.
 */
import { type Asker, createAsker, type FetchLike, type Received } from "./asking.ts";
import { type BroadcastsClient, createBroadcastsClient } from "./broadcasts-client.ts";
import { createNodeClient, type NodeClient } from "./client.ts";
import {
  type ContactDocument,
  type ContactsDocument,
  type InboxDocument,
  type MessageEventDocument,
  type MessageStoreDocument,
  messageRoutes,
  type NewContactDocument,
  type OutboxDocument,
  type SendAnswerDocument,
  type SendDocument,
  type SendStatusDocument,
  type TakenDocument,
  type WithdrawnDocument,
} from "./messages.ts";
import {
  contactSchema,
  contactsSchema,
  inboxSchema,
  messageEventSchema,
  messageStoreSchema,
  outboxSchema,
  sendAnswerSchema,
  takenSchema,
  withdrawnSchema,
} from "./messages-schema.ts";
import { type InboxQuestion, pagePath } from "./page-path.ts";

export type { InboxQuestion } from "./page-path.ts";

export interface MessagesClient {
  readonly broadcasts: BroadcastsClient;
  /** Whatever changes something is answered once that is on the disk, or is refused. */
  send(message: SendDocument, signal: AbortSignal): Promise<SendAnswerDocument>;
  sendStatus(order: SendStatusDocument, signal: AbortSignal): Promise<SendAnswerDocument>;
  inbox(question: InboxQuestion, signal: AbortSignal): Promise<InboxDocument>;
  take(numbers: readonly number[], signal: AbortSignal): Promise<TakenDocument>;
  outbox(signal: AbortSignal): Promise<OutboxDocument>;
  withdraw(id: string, signal: AbortSignal): Promise<WithdrawnDocument>;
  contacts(signal: AbortSignal): Promise<ContactsDocument>;
  addContact(contact: NewContactDocument, signal: AbortSignal): Promise<ContactDocument>;
  /** Those that are left. `contact`: an address, or a name. */
  removeContact(contact: string, signal: AbortSignal): Promise<ContactsDocument>;
  store(signal: AbortSignal): Promise<MessageStoreDocument>;
  /** Ends when the node ends the stream; rejects when the connection breaks or the signal aborts. */
  events(signal: AbortSignal, after?: string): AsyncGenerator<Received<MessageEventDocument>, void, undefined>;
}

export interface MessagingClient extends NodeClient {
  readonly messages: MessagesClient;
}

/** As `createNodeClient`. */
export function createMessagingClient(fetchLike: FetchLike, baseUrl: string): MessagingClient {
  const messages = createMessagesClient(createAsker(fetchLike, baseUrl));
  return { ...createNodeClient(fetchLike, baseUrl), messages };
}

export function createMessagesClient(asker: Asker): MessagesClient {
  const { ask, events } = asker;
  const { withdraw } = messageRoutes;
  return {
    broadcasts: createBroadcastsClient(asker),
    send: (message, signal) => ask("POST", messageRoutes.send, sendAnswerSchema, signal, message),
    sendStatus: (order, signal) => ask("POST", messageRoutes.sendStatus, sendAnswerSchema, signal, order),
    inbox: (question, signal) => ask("GET", pagePath(messageRoutes.inbox, question), inboxSchema, signal),
    take: (numbers, signal) => ask("POST", messageRoutes.take, takenSchema, signal, { numbers }),
    outbox: (signal) => ask("GET", messageRoutes.outbox, outboxSchema, signal),
    withdraw: (id, signal) => ask("POST", withdraw + encodeURIComponent(id), withdrawnSchema, signal),
    contacts: (signal) => ask("GET", messageRoutes.contacts, contactsSchema, signal),
    addContact: (contact, signal) => ask("POST", messageRoutes.addContact, contactSchema, signal, contact),
    removeContact: (contact, signal) => ask("POST", messageRoutes.removeContact, contactsSchema, signal, { contact }),
    store: (signal) => ask("GET", messageRoutes.store, messageStoreSchema, signal),
    events: (signal, after) => events(messageRoutes.events, messageEventSchema, signal, after),
  };
}

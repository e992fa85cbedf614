/**
 * What a node answers of the messages that it sends and receives over the mesh. All of it is for those alone who may change things: who reads
 * another's letters is no mere reader. Addresses are 32 hexadecimal digits, ids of messages 16; times are ISO 8601, UTC.
 */

/** Grows when a reader of an older number would misread the documents; new fields alone do not change it. */
export const messagesSchemaNumber = 1;

/**
 * `send`, `sendStatus`, `take`, `addContact` and `removeContact` are POSTs with a document; `withdraw` is followed by an id, and is a POST too. The rest
 * is read by GET, `inbox` with "?after=NUMBER&most=COUNT&port=PORT". All over the Unix socket only.
 */
export const messageRoutes = {
  send: "/v1/mesh/messages/send",
  inbox: "/v1/mesh/messages/inbox",
  take: "/v1/mesh/messages/take",
  outbox: "/v1/mesh/messages/outbox",
  withdraw: "/v1/mesh/messages/withdraw/",
  contacts: "/v1/mesh/messages/contacts",
  addContact: "/v1/mesh/messages/contacts/add",
  removeContact: "/v1/mesh/messages/contacts/remove",
  store: "/v1/mesh/messages/store",
  sendStatus: "/v1/mesh/messages/status",
  events: "/v1/mesh/messages/events",
} as const;

const folder = "/v1/mesh/messages/";
const { send, take, addContact, removeContact, withdraw, sendStatus } = messageRoutes;

export function isOfMessages(path: string): boolean {
  return path.startsWith(folder);
}

/** Whether a POST there does something. */
export function isMessageAct(path: string): boolean {
  return (
    [send, take, addContact, removeContact, sendStatus].some((route) => route === path) || path.startsWith(withdraw)
  );
}

/** From what gives way first to what gives way last. */
export const messagePriorities = ["low", "normal", "high", "emergency"] as const;
export type MessagePriority = (typeof messagePriorities)[number];

export type ContentDocument =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "base64"; readonly base64: string };

/** What is sent with POST send. */
export interface SendDocument {
  /** An address, or the name of a contact. */
  readonly to: string;
  /** For which application of the recipient's: 0 to 65,535; 0 is for people. */
  readonly port: number;
  readonly priority: MessagePriority;
  /** As long as it is worth anything; null: as long as the node lets a message live. */
  readonly lifeMs: number | null;
  readonly content: ContentDocument;
}

/** What is sent with POST sendStatus, and answered as POST send. */
export interface SendStatusDocument {
  /** From whom the entry gets it: an address, or the name of a contact. */
  readonly to: string;
  /** The entry's public X25519 key: 64 hexadecimal digits. */
  readonly entryKey: string;
  readonly priority: MessagePriority;
  /** Null: as long as the node lets a message live. */
  readonly lifeMs: number | null;
}

export type SendRefusal =
  /** It has more octets than any message may. */
  | "too-long"
  /** With it there would be more octets in the outbox than one of its priority finds. */
  | "full"
  /** The disk is slower than what is sent: try again in a moment. */
  | "busy"
  | "to-itself"
  /** The disk is full or fails: the node's health says more. */
  | "store"
  | "closed";

export type SendAnswerDocument =
  /** It is on the disk: it will be delivered, or its life will end. */
  | { readonly kind: "accepted"; readonly id: string; readonly to: string; readonly lifeMs: number }
  /** What it would have come to, and the most that may be; null where it is no matter of figures. */
  | {
      readonly kind: "refused";
      readonly why: SendRefusal;
      readonly figure: number | null;
      readonly limit: number | null;
    };

export interface InboxMessageDocument {
  /** Numbers only grow, and none is ever used twice. */
  readonly number: number;
  readonly sender: string;
  /** As this node calls the sender; null where he is no contact, or one without a name. */
  readonly name: string | null;
  readonly port: number;
  readonly id: string;
  /** By the sender's clock. */
  readonly sentAt: string;
  readonly receivedAt: string;
  readonly bytes: number;
  /** Text where it is UTF-8 that JSON can say briefly. */
  readonly content: ContentDocument;
}

/** The answer of GET inbox: what was not taken, the oldest first. */
export interface InboxDocument {
  readonly schema: typeof messagesSchemaNumber;
  readonly messages: readonly InboxMessageDocument[];
  /** What to give as `after` for those that follow; null: none was here. */
  readonly next: number | null;
}

/** What is sent with POST take. */
export interface TakeDocument {
  readonly numbers: readonly number[];
}

/** Those that are taken go from the inbox and never come again. */
export interface TakenDocument {
  readonly taken: readonly number[];
  /** They were not there, or the store cannot write now, and they stay. */
  readonly untaken: readonly number[];
  /** Why the store cannot; null where it can: then somebody else took them. */
  readonly why: string | null;
}

export interface OutboxMessageDocument {
  readonly id: string;
  readonly to: string;
  readonly name: string | null;
  readonly port: number;
  readonly priority: MessagePriority;
  readonly bytes: number;
  readonly acceptedAt: string;
  /** What is left of its life. */
  readonly leftMs: number;
  readonly parts: number;
  /** Of them, those that its recipient has. */
  readonly proved: number;
  /** `kept`: it waits for a way, or for an answer, and is tried again. */
  readonly state: "waiting" | "under-way" | "kept";
}

/** The answer of GET outbox: own messages that are not delivered. */
export interface OutboxDocument {
  readonly schema: typeof messagesSchemaNumber;
  readonly messages: readonly OutboxMessageDocument[];
}

/** The answer of POST withdraw, once that is on the disk. What is under way may arrive nevertheless. */
export interface WithdrawnDocument {
  readonly id: string;
  /** False: there is none such, or not any more. */
  readonly withdrawn: boolean;
}

export interface ContactDocument {
  readonly address: string;
  readonly name: string | null;
  /** His identity: 64 hexadecimal digits, of which the address follows. */
  readonly key: string;
}

export interface ContactsDocument {
  readonly schema: typeof messagesSchemaNumber;
  readonly contacts: readonly ContactDocument[];
}

/** What is sent with POST addContact. `key`: null where the node knows it from his announce. */
export interface NewContactDocument {
  readonly name: string;
  readonly address: string;
  readonly key: string | null;
}

/** What is sent with POST removeContact: an address, or a name. */
export interface FormerContactDocument {
  readonly contact: string;
}

export interface SalvagedDocument {
  /** Where the damaged file is. */
  readonly aside: string;
  readonly reason: string;
  readonly tables: readonly { readonly name: string; readonly saved: number; readonly refused: number }[];
}

/** The answer of GET store. */
export interface MessageStoreDocument {
  readonly schema: typeof messagesSchemaNumber;
  /** How it was found at the start: `lost` is one that was there and could not be read. */
  readonly start: "new" | "kept" | "lost" | "salvaged";
  /** Null: it was not damaged at the start. */
  readonly salvaged: SalvagedDocument | null;
  /** `bytes`: with what is kept free for messages that came in part. */
  readonly inbox: {
    readonly messages: number;
    readonly limit: number;
    readonly bytes: number;
    readonly limitBytes: number;
  };
  readonly outbox: { readonly messages: number; readonly bytes: number; readonly limitBytes: number };
  /** What is kept for others. */
  readonly custody: { readonly envelopes: number; readonly bytes: number; readonly limitBytes: number };
  readonly longestLifeMs: number;
  /** What became of envelopes and messages, by name. */
  readonly counts: Readonly<Record<string, number>>;
}

/** The stream of messages begins with a snapshot, and after an absence with what was missed, or with another snapshot. */
export type MessageEventDocument = { readonly at: string } & (
  | { readonly kind: "snapshot"; readonly store: MessageStoreDocument }
  /** It is in the inbox, where it is read by its number. */
  | { readonly kind: "received"; readonly number: number; readonly sender: string; readonly port: number }
  /** A broadcast is in the list of those that were heard: signed by its sender, or in a channel, as this node calls it. */
  | {
      readonly kind: "heard";
      readonly number: number;
      readonly sender: string | null;
      readonly channel: string | null;
      readonly port: number;
    }
  | { readonly kind: "progress"; readonly id: string; readonly proved: number; readonly of: number }
  /** What came of a message in parts is gone: the rest never came, or not in time. */
  | { readonly kind: "given-up"; readonly sender: string }
  /** Messages were refused for want of room; or, for a quarter of an hour, none was. */
  | { readonly kind: "inbox-full" | "inbox-roomy" }
  /** `refused`: the store could not take it. `delivered`: its recipient has it, which is proved. */
  | { readonly kind: "accepted" | "refused" | "delivered" | "expired"; readonly id: string }
);

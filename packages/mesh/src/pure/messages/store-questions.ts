/**
 * What is read from the store, and how it is answered. All that can be much is read page by page, in the order in which it was stored:
 * `after` is 0 for the first page and then what the page before gave as `next`, until that is undefined.
 */
import type { MeshAddress } from "../mesh-address.ts";
import type { InboxFacts } from "./inbox-room.ts";
import type { FoundPart } from "./incoming.ts";
import type {
  StoredBroadcast,
  StoredChain,
  StoredChannel,
  StoredContact,
  StoredCustody,
  StoredMessage,
  StoredOrigin,
  StoredPrekey,
  StoredProof,
  StoredSealed,
} from "./store-operations.ts";

/** What a start reads of each kind, without contents and envelopes. */
export interface StorePages {
  /** Whole messages that came and were not taken; and parts of others, in the order in which they came. */
  readonly inbox: InboxFacts;
  readonly parts: FoundPart;
  readonly custody: StoredCustody & { readonly size: number };
  /** Own messages. */
  readonly outbox: StoredMessage & { readonly size: number; readonly proved: readonly number[] };
  /** What was sealed of them. */
  readonly sealed: StoredSealed & { readonly size: number };
  readonly contacts: StoredContact;
  readonly chains: StoredChain;
  readonly prekeys: StoredPrekey;
  readonly proofs: StoredProof;
  readonly channels: StoredChannel;
  readonly origins: StoredOrigin;
}

export type StoreQuestion =
  | { readonly kind: "page"; readonly of: keyof StorePages; readonly after: number }
  /** Of custody, and of what was sealed of own messages, which is found by the tag in a name; 64 at most. */
  | { readonly kind: "envelopes"; readonly names: readonly string[] }
  /** Of an own message that is to be sealed, from `offset` on and no longer than `length`. */
  | { readonly kind: "content"; readonly id: string; readonly offset: number; readonly length: number }
  /** Rows with numbers above `after`; one at least, and as many more as are small enough together. */
  | { readonly kind: "inbox"; readonly after: number; readonly most: number; readonly port: number | undefined }
  /** As "inbox", of broadcasts. */
  | { readonly kind: "broadcasts"; readonly after: number; readonly most: number; readonly port: number | undefined }
  | { readonly kind: "figures" };

export interface StorePage<Row> {
  readonly rows: readonly Row[];
  readonly next: number | undefined;
}

/** As `StorePage`, its rows written as one text. */
export interface PageText {
  readonly text: string;
  readonly next: number | undefined;
}

/** Of the names that were asked for, those that are there. */
export interface StoredEnvelope {
  readonly name: string;
  readonly envelope: Uint8Array;
}

export interface InboxRow {
  readonly number: number;
  readonly sender: MeshAddress;
  readonly port: number;
  readonly id: string;
  /** By the sender's clock: seconds since 1970. */
  readonly sent: number;
  readonly at: number;
  readonly content: Uint8Array;
}

export interface BroadcastRow extends StoredBroadcast {
  readonly number: number;
}

/** How many rows there are. */
export interface StoreFigures {
  readonly inbox: number;
  readonly broadcasts: number;
  /** Of messages that are not whole yet. */
  readonly parts: number;
  readonly outbox: number;
  readonly custody: number;
  readonly seen: number;
  readonly proofs: number;
  /** Octets of the file, with what is free in it. */
  readonly size: number;
}

/** What each question is answered with. */
export interface StoreReply {
  readonly page: StorePage<StorePages[keyof StorePages]> | PageText;
  readonly envelopes: readonly StoredEnvelope[];
  /** Undefined: there is no such message. */
  readonly content: Uint8Array | undefined;
  readonly inbox: StorePage<InboxRow>;
  readonly broadcasts: StorePage<BroadcastRow>;
  readonly figures: StoreFigures;
}

/** Why there is no answer. */
export type UnansweredWhy = "late" | "busy" | "failed" | "closed";

export type StoreReading<T> =
  | { readonly kind: "read"; readonly value: T }
  | { readonly kind: "unread"; readonly reason: UnansweredWhy; readonly why: string };

/**
 * What the store of messages is told to do, and what came of it. A group of operations is done whole or not at all, and what is
 * answered with "committed" is on the disk. Every operation can be repeated: done twice it leaves what it left the first time.
 *
 * Octets are copied on their way to the store, so they may be views of what is used again. Addresses are 32 hexadecimal digits, tags,
 * hints and ids of messages 16, names of what is kept 32, all lower-case.
 */
import type { MeshAddress } from "../mesh-address.ts";
import type { BroadcastSource } from "./broadcasts/broadcast-terms.ts";
import type { StoreTime } from "./store-time.ts";

export type StoreOperation =
  | AcceptOperation
  | SealedOperation
  /** A chunk of an own message was proved: what was sealed of it goes; with the last chunk the message itself. */
  | { readonly kind: "proved"; readonly id: string; readonly chunk: number }
  /** An own message is given up, with all that was sealed of it. */
  | { readonly kind: "withdraw"; readonly id: string }
  /** Takes the place of what was known of him. */
  | { readonly kind: "contact-put"; readonly contact: StoredContact }
  | { readonly kind: "contact-remove"; readonly address: MeshAddress }
  /** Also to change until when one is kept. */
  | { readonly kind: "prekey-put"; readonly prekey: StoredPrekey }
  | { readonly kind: "prekey-forget"; readonly id: number }
  | ReceiveOperation
  | GiveUpOperation
  /** The state of a chain alone, such as of one that was begun anew, or has moved on by what was received before. */
  | { readonly kind: "chain-put"; readonly chain: StoredChain }
  | { readonly kind: "chain-forget"; readonly sender: MeshAddress; readonly opening: Uint8Array }
  /** The application has it: the row goes, while that it was received is remembered. */
  | { readonly kind: "take"; readonly number: number }
  | { readonly kind: "custody-put"; readonly custody: StoredCustody; readonly envelope: Uint8Array }
  | CustodyChangeOperation
  | { readonly kind: "custody-remove"; readonly name: string }
  | { readonly kind: "proof-keep"; readonly proof: StoredProof }
  /** Takes the place of what the name stood for. */
  | { readonly kind: "channel-put"; readonly channel: StoredChannel }
  | { readonly kind: "channel-remove"; readonly name: string }
  | HearOperation
  | { readonly kind: "origin-forget"; readonly address: MeshAddress }
  /** The application has a broadcast, as "take". */
  | { readonly kind: "broadcast-take"; readonly number: number }
  /** Whatever ended by then goes, a bounded number of each at a time: again while the outcome says so. */
  | { readonly kind: "expire"; readonly now: StoreTime };

/** A message that the application handed in. Nothing changes where the id is there already. */
export interface AcceptOperation {
  readonly kind: "accept";
  readonly message: StoredMessage;
  readonly content: Uint8Array;
}

/** The facts of an own message, without its content. */
export interface StoredMessage {
  readonly id: string;
  readonly contact: MeshAddress;
  readonly port: number;
  /** 0 low, 1 normal, 2 high, 3 emergency. */
  readonly priority: number;
  readonly until: StoreTime;
  /** By the wall clock, for people: seconds since 1970. */
  readonly accepted: number;
  /** How many envelopes it takes. */
  readonly chunks: number;
}

/** A chunk of an own message as it goes out. The same chunk may be sealed several times; each is kept until one is proved. */
export interface SealedOperation {
  readonly kind: "sealed";
  readonly sealed: StoredSealed;
  readonly envelope: Uint8Array;
}

export interface StoredSealed {
  readonly tag: string;
  readonly id: string;
  readonly chunk: number;
  /** By which it is told from others of its tag; 8 octets. */
  readonly mark: Uint8Array;
}

export interface StoredContact {
  readonly address: MeshAddress;
  /** His identity: 32 octets. */
  readonly key: Uint8Array;
  readonly name: string | undefined;
}

export interface StoredPrekey {
  readonly id: number;
  readonly secret: Uint8Array;
  readonly made: StoreTime;
  /** After which nothing sealed to it can be opened. */
  readonly until: StoreTime;
}

/**
 * An envelope was opened. Its content, that it was seen, its chain's state and its proof are kept together or not at all. Content that
 * was seen before, by (sender, id, chunk), is not kept again; chain and proof are.
 */
export interface ReceiveOperation {
  readonly kind: "receive";
  readonly sender: MeshAddress;
  readonly id: string;
  readonly chunk: number;
  readonly received: ReceivedContent;
  /** As long as a copy may come and be opened, which is not what is left of its life: nobody vouches for that. */
  readonly until: StoreTime;
  readonly chain: StoredChain | undefined;
  readonly proof: StoredProof;
}

/** What came of a message in parts goes, and parts that come yet are not kept, nor proved. */
export interface GiveUpOperation {
  readonly kind: "give-up";
  readonly sender: MeshAddress;
  readonly id: string;
  /** As long as any of it may come. */
  readonly until: StoreTime;
}

export type ReceivedContent =
  | {
      readonly kind: "whole";
      readonly port: number;
      /** By the sender's clock, for people: seconds since 1970. */
      readonly sent: number;
      /** By this node's wall clock, as `sent`. */
      readonly at: number;
      readonly octets: Uint8Array;
    }
  /** With the last of its parts a message is put together and becomes a row of the inbox. */
  | {
      readonly kind: "part";
      readonly port: number;
      readonly sent: number;
      readonly at: number;
      readonly count: number;
      readonly octets: Uint8Array;
    }
  /** Nothing is to be kept of it but that it was seen. */
  | { readonly kind: "nothing" };

export interface StoredChain {
  readonly sender: MeshAddress;
  /** Which of the sender's chains: what its opening is known by, up to 32 octets. */
  readonly opening: Uint8Array;
  /** The chain key at `base`, the number behind the highest that was received: from it nothing that came before can be opened. */
  readonly key: Uint8Array;
  readonly base: number;
  /** What the chain keeps of the numbers below `base`; the store does not look at it. */
  readonly seen: Uint8Array;
  readonly until: StoreTime;
}

/** Something kept for somebody else, without its envelope. */
export interface StoredCustody {
  /** Its tag, and behind that its mark. */
  readonly name: string;
  readonly to: CustodyTarget;
  /** The neighbour that gave it. */
  readonly from: MeshAddress;
  /** Whether that neighbour is known to be who sent it. */
  readonly isSenders: boolean;
  readonly priority: number;
  readonly until: StoreTime;
  readonly copies: number;
}

export type CustodyTarget =
  | { readonly kind: "address"; readonly address: MeshAddress }
  | { readonly kind: "hint"; readonly hint: string };

/** Copies were given away, or whom a hint means is known now. */
export interface CustodyChangeOperation {
  readonly kind: "custody-change";
  readonly name: string;
  readonly to: CustodyTarget;
  readonly copies: number;
}

export interface StoredProof {
  readonly tag: string;
  /** 16 octets. */
  readonly ackKey: Uint8Array;
  readonly until: StoreTime;
}

export interface StoredChannel {
  readonly name: string;
  /** 32 octets. */
  readonly key: Uint8Array;
}

/** What was heard of somebody who signs broadcasts: 16 octets, at which the store does not look. */
export interface StoredOrigin {
  readonly address: MeshAddress;
  readonly heard: Uint8Array;
}

/** A broadcast was heard. That it was is kept with it, or neither; the oldest give way where there are more than `most`. */
export interface HearOperation {
  readonly kind: "hear";
  readonly broadcast: StoredBroadcast;
  /** In a channel the store is the judge of whether the id was heard before. */
  readonly once:
    | ({ readonly kind: "origin" } & StoredOrigin)
    /** 16 octets that stand for the channel, and how long the id is remembered. */
    | { readonly kind: "channel"; readonly channel: Uint8Array; readonly until: StoreTime };
  readonly most: number;
}

export interface StoredBroadcast {
  readonly source: BroadcastSource;
  readonly port: number;
  readonly id: string;
  /** By the sender's clock, and by this node's wall clock: seconds since 1970. */
  readonly sent: number;
  readonly at: number;
  readonly octets: Uint8Array;
}

/** What an operation came to where there is something to say; in the order of the group's operations. */
export type StoreOutcome =
  | { readonly kind: "done" }
  /** A row of the inbox, or of broadcasts, was made: at once, or by the last of a message's parts. Numbers only grow, and none is ever used twice. */
  | { readonly kind: "delivered"; readonly number: number }
  /** It was received before, the envelope itself or its content in another, or its id accepted before: nothing of its content was kept again. */
  | { readonly kind: "repeated"; readonly what: "envelope" | "content" }
  /** It is part of a message that was given up: of it only the chain was kept. */
  | { readonly kind: "given-up" }
  /** A row of the inbox went, of so many octets. */
  | { readonly kind: "taken"; readonly sender: MeshAddress; readonly size: number }
  /** What it speaks of is not there, or not any more. */
  | { readonly kind: "absent" }
  /** How much ended; `isMore`: not all that has ended went. */
  | { readonly kind: "expired"; readonly rows: ExpiredRows; readonly isMore: boolean };

export interface ExpiredRows {
  /** Own messages, with what was sealed of them. */
  readonly outbox: number;
  readonly custody: number;
  readonly proofs: number;
  readonly parts: number;
  readonly seen: number;
  readonly chains: number;
  readonly prekeys: number;
}

/** What came of a group. */
export type StoreAnswer =
  | { readonly kind: "committed"; readonly outcomes: readonly StoreOutcome[] }
  /** Nothing of it was done. `why`: what the store can say of it, for a log. */
  | { readonly kind: "refused"; readonly reason: StoreRefusal; readonly why: string };

export type StoreRefusal =
  /** As much waits for the disk as may: to be tried again later. */
  | "busy"
  /** No room on the disk: what only removes is done nevertheless. */
  | "full"
  /** The disk or the file fails. */
  | "failed"
  | "closed";

/** Whether it needs no room to speak of, so that it is done though the disk is full; but not in one group with what needs some. */
export function isRelief({ kind }: StoreOperation): boolean {
  return reliefs.has(kind);
}

const reliefs: ReadonlySet<StoreOperation["kind"]> = new Set([
  "proved",
  "withdraw",
  "contact-remove",
  "prekey-forget",
  "chain-forget",
  "take",
  "give-up",
  "custody-change",
  "custody-remove",
  "channel-remove",
  "origin-forget",
  "broadcast-take",
  "expire",
] as const);

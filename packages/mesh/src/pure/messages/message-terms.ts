/** What applications ask of messages, and what they are told. */
import type { Millis } from "@ropewalk/kernel/units";
import type { MeshAddress } from "../mesh-address.ts";
import type { Acceptance } from "./accepting.ts";
import type { BroadcastHeard } from "./broadcasts/broadcast-terms.ts";
import type { IncomingEvent } from "./incoming.ts";
import type {
  StoredChain,
  StoredChannel,
  StoredContact,
  StoredOrigin,
  StoredPrekey,
  StoredProof,
  StoreRefusal,
} from "./store-operations.ts";
import type { StorePages } from "./store-questions.ts";
import type { Priority } from "./wire/envelope.ts";

/** A message that an application hands in. */
export interface MessageOrder {
  readonly to: MeshAddress;
  /** For which application of the recipient's: 0 to 65,535. */
  readonly port: number;
  readonly priority: Priority;
  /** As long as it is worth anything. */
  readonly life: Millis;
  /** Nobody writes into it any more. */
  readonly content: Uint8Array;
}

export type AcceptRefusal =
  | Exclude<Acceptance, { readonly kind: "accepted" }>
  /** It is for this node itself. */
  | { readonly kind: "to-itself" };

export type MessageEvent =
  | IncomingEvent
  | BroadcastHeard
  /** It is on the disk: it is delivered, or its life ends. */
  | { readonly kind: "accepted"; readonly id: string }
  /** The store could not take it. */
  | { readonly kind: "refused"; readonly id: string; readonly reason: StoreRefusal }
  | { readonly kind: "progress"; readonly id: string; readonly proved: number; readonly of: number }
  /** Its recipient has it: proved. */
  | { readonly kind: "delivered"; readonly id: string }
  | { readonly kind: "expired"; readonly id: string };

/** What a start reads from the store. */
export interface MessagesFound {
  readonly inbox: readonly StorePages["inbox"][];
  readonly parts: readonly StorePages["parts"][];
  readonly contacts: readonly StoredContact[];
  readonly prekeys: readonly StoredPrekey[];
  readonly chains: readonly StoredChain[];
  readonly proofs: readonly StoredProof[];
  readonly custody: readonly StorePages["custody"][];
  readonly outbox: readonly StorePages["outbox"][];
  readonly sealed: readonly StorePages["sealed"][];
  readonly channels: readonly StoredChannel[];
  readonly origins: readonly StoredOrigin[];
}

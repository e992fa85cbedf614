/** What sending asks of others, and what it tells them. */
import type { Millis } from "@ropewalk/kernel/units";
import type { MeshAddress } from "../mesh-address.ts";
import type { Custody } from "./custody.ts";
import type { Correspondent, SenderSessions } from "./sealing/sender-sessions.ts";
import type { StoreCall } from "./store-call.ts";
import type { StoredMessage, StoredSealed } from "./store-operations.ts";
import type { StoreCalendar } from "./store-time.ts";
import type { EnvelopeHop } from "./wire/envelope.ts";

export interface OutgoingDeps {
  readonly calendar: StoreCalendar;
  readonly store: StoreCall;
  readonly sessions: SenderSessions;
  readonly custody: Pick<Custody, "add" | "withdraw">;
  /** Undefined while nobody has told his key. */
  readonly correspondent: (address: MeshAddress) => Correspondent | undefined;
  readonly isReachable: (address: MeshAddress) => boolean;
  /** By the way that there is; whether it went. */
  readonly send: (now: Millis, to: MeshAddress, octets: Uint8Array, hop: EnvelopeHop) => boolean;
  readonly readContent: (
    message: StoredMessage,
    range: { readonly offset: number; readonly length: number },
    then: (now: Millis, octets: Uint8Array | undefined) => void,
  ) => void;
  readonly tell: (event: OutgoingEvent) => void;
  /** Where octets are dear nothing is padded, and one copy is all that there is. */
  readonly isConstrained: boolean;
}

export type OutgoingEvent =
  /** Parts of a message that has several. */
  | { readonly kind: "progress"; readonly id: string; readonly proved: number; readonly of: number }
  | { readonly kind: "delivered"; readonly message: StoredMessage; readonly size: number }
  | { readonly kind: "expired"; readonly message: StoredMessage; readonly size: number };

/** What a start finds of a message. */
export interface Restored {
  readonly size: number;
  readonly proved: readonly number[];
  readonly sealed: readonly { readonly sealed: StoredSealed; readonly size: number }[];
}

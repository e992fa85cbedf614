/** What custody asks of others, and what it is offered. */
import type { Millis } from "@ropewalk/kernel/units";
import type { MeshAddress } from "../mesh-address.ts";
import type { Held, HeldFacts } from "./custody/held.ts";
import type { EnvelopeReads } from "./envelope-reads.ts";
import type { MessageTally } from "./message-tally.ts";
import type { StoreCall } from "./store-call.ts";
import type { StoreCalendar } from "./store-time.ts";
import type { TagName } from "./wire/envelope.ts";

export interface CustodyDeps {
  readonly calendar: StoreCalendar;
  readonly store: StoreCall;
  readonly reads: EnvelopeReads;
  readonly isReachable: (destination: MeshAddress) => boolean;
  /** Sends one copy on by the way that there is. */
  readonly forward: (now: Millis, held: Held, octets: Uint8Array) => "gone" | "no-way";
  /** It waits, and there is no way to whom it is for; or this is not known. */
  readonly onWaiting: (now: Millis, held: Held) => void;
  readonly tally: MessageTally;
}

/** Of others: the node's own is in its outbox. */
export interface Offered extends Omit<HeldFacts, "until" | "from" | "name"> {
  readonly tag: TagName;
  readonly from: MeshAddress;
  readonly life: Millis;
}

/**
 * Broadcasts that are told to applications: each goes to the store with what says that it was heard, in one transaction, so that it is told
 * once, over restarts too. An origin's are known by their numbers, whenever they come again; in a channel nobody is known, and what is not
 * of about now is refused there, by those who have a clock.
 */

import { utf8 } from "@ropewalk/crypto/pure/octets";
import { joined } from "@ropewalk/kernel/bytes";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import type { MeshAddress } from "../../mesh-address.ts";
import type { MessageCrypto } from "../sealing/message-crypto.ts";
import type { StoreCall } from "../store-call.ts";
import type { HearOperation, StoredBroadcast } from "../store-operations.ts";
import type { StoreCalendar } from "../store-time.ts";
import { firstSecond, type Plaintext, type WholePlaintext } from "../wire/plaintext.ts";
import { type BroadcastHeard, type BroadcastSource, mostBroadcastsKept } from "./broadcast-terms.ts";
import { encodeHeard, type HeardNumbers } from "./heard-numbers.ts";

/** In a channel nothing is heard that says to be older or younger than this, in seconds, and what was heard is remembered for twice that. */
const mostApart = 86_400;
const channelLabel = utf8("ropewalk mesh channel id v1");
const channelIdLength = 16;

export interface HearingDeps {
  readonly crypto: Pick<MessageCrypto, "sha256">;
  readonly store: StoreCall;
  readonly calendar: StoreCalendar;
  readonly wall: (now: Millis) => number;
  readonly tell: (event: BroadcastHeard) => void;
}

export class Hearing {
  readonly #deps: HearingDeps;
  /** Told to applications. */
  heard = 0;
  /** The store could not take them; nobody sends them again. */
  unstored = 0;

  constructor(deps: HearingDeps) {
    this.#deps = deps;
  }

  byOrigin(
    now: Millis,
    one: { readonly address: MeshAddress; readonly numbers: HeardNumbers; readonly said: WholePlaintext },
  ): void {
    const { address } = one;
    const once = { kind: "origin", address, heard: encodeHeard(one.numbers) } as const;
    this.#store({ kind: "origin", address }, once, one.said, now);
  }

  inChannel(now: Millis, { name, key, said }: { name: string; key: Uint8Array; said: Plaintext }): void {
    const { calendar, crypto } = this.#deps;
    if (said.kind !== "whole" || !isTimely(said.sent, calendar.at(now))) return;
    const channel = crypto.sha256(joined(channelLabel, key)).slice(0, channelIdLength);
    const until = calendar.after(now, seconds(2 * mostApart));
    this.#store({ kind: "channel", name }, { kind: "channel", channel, until }, said, now);
  }

  #store(source: BroadcastSource, once: HearOperation["once"], said: WholePlaintext, now: Millis): void {
    const { store, wall } = this.#deps;
    const { port, id, sent, content } = said;
    const broadcast: StoredBroadcast = { source, port, id, sent, at: wall(now), octets: content };
    store({ kind: "hear", broadcast, once, most: mostBroadcastsKept }, (_, end, outcome) => {
      if (end === "refused") this.unstored += 1;
      if (outcome?.kind !== "delivered") return;
      this.heard += 1;
      this.#deps.tell({ kind: "heard", number: outcome.number, source, port });
    });
  }
}

/** Seconds since 1970, both. Who has no clock says the beginning of all times that can be said. */
function isTimely(sent: number, now: number): boolean {
  return sent === firstSecond || now <= firstSecond || Math.abs(now - sent) <= mostApart;
}

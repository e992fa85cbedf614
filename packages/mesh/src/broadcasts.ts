/** Broadcasts as an application has them: sent to all who are near or to who has a channel's key, and those that were heard, each once. */
import type { Millis } from "@ropewalk/kernel/units";
import type { MessageStore } from "./io/store/store-thread.ts";
import type { BroadcastOrder, BroadcastRefusal, BroadcastSent } from "./pure/messages/broadcasts/broadcast-terms.ts";
import { type ChannelOutcome, channelKeyLength } from "./pure/messages/broadcasts/channels.ts";
import type { MessageDesk } from "./pure/messages/message-desk.ts";
import type { MessageCrypto } from "./pure/messages/sealing/message-crypto.ts";
import type { ChangeOutcome } from "./pure/messages/store-call.ts";
import type { BroadcastRow, StoreReading } from "./pure/messages/store-questions.ts";

export type BroadcastOutcome =
  | BroadcastSent
  | { readonly kind: "refused"; readonly why: BroadcastRefusal | { readonly kind: "closed" } };

export interface BroadcastsDeps {
  readonly store: Pick<MessageStore, "read">;
  readonly crypto: Pick<MessageCrypto, "random">;
  /** Undefined: the node is over. */
  readonly withDesk: <T>(act: (now: Millis, desk: MessageDesk) => T) => T | undefined;
  /** Settles once it is on the disk, or is refused. */
  readonly change: <Outcome extends ChangeOutcome | ChannelOutcome = ChangeOutcome>(
    act: (desk: MessageDesk, then: (outcome: Outcome | ChangeOutcome) => void) => void,
  ) => Promise<Outcome | ChangeOutcome>;
}

export class Broadcasts {
  readonly #deps: BroadcastsDeps;

  constructor(deps: BroadcastsDeps) {
    this.#deps = deps;
  }

  /** It is not kept over a restart, and nobody proves to have it. */
  send(order: BroadcastOrder): BroadcastOutcome {
    const sent = this.#deps.withDesk((now, desk) => desk.broadcasting.send(now, order));
    if (sent === undefined) return { kind: "refused", why: { kind: "closed" } };
    return sent.kind === "sent" ? sent : { kind: "refused", why: sent };
  }

  /** Those that were heard and not taken, from behind the number `after`. Never rejects. */
  async list(after: number, most: number, port?: number): Promise<StoreReading<readonly BroadcastRow[]>> {
    const reading = await this.#deps.store.read({ kind: "broadcasts", after, most, port });
    return reading.kind === "unread" ? reading : { kind: "read", value: reading.value.rows };
  }

  /** The application has it for good. Never rejects. */
  take(number: number): Promise<ChangeOutcome> {
    return this.#deps.change((desk, then) => desk.broadcasting.take(number, then));
  }

  /** Keys of 32 octets, by name: secrets. */
  channels(): ReadonlyMap<string, Uint8Array> {
    return this.#deps.withDesk((_, desk) => desk.broadcasting.channels.keys) ?? new Map();
  }

  /** `key`: 32 octets; undefined: a new one is made. Never rejects. */
  putChannel(name: string, key: Uint8Array = this.#deps.crypto.random(channelKeyLength)): Promise<ChannelOutcome> {
    return this.#deps.change<ChannelOutcome>((desk, then) => desk.broadcasting.channels.put(name, key, then));
  }

  /** Never rejects. */
  removeChannel(name: string): Promise<ChangeOutcome> {
    return this.#deps.change((desk, then) => desk.broadcasting.channels.remove(name, then));
  }
}

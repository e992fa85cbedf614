/** The channels that this node reads and writes: names of its own for keys that people give each other by hand. */

import { KeptMap } from "../kept-map.ts";
import { openInChannel } from "../sealing/broadcast-sealing.ts";
import type { MessageCrypto } from "../sealing/message-crypto.ts";
import type { ChangeOutcome, StoreCall } from "../store-call.ts";
import type { StoredChannel } from "../store-operations.ts";
import type { Broadcast } from "../wire/broadcast.ts";
import type { Plaintext } from "../wire/plaintext.ts";
import { mostChannels } from "./broadcast-terms.ts";

export const channelKeyLength = 32;

export interface ChannelsDeps {
  readonly crypto: Pick<MessageCrypto, "hkdf" | "open">;
  readonly store: StoreCall;
}

/** `full`: there are as many as may be. */
export type ChannelOutcome = ChangeOutcome | { readonly kind: "full" };

export class Channels {
  readonly #crypto: ChannelsDeps["crypto"];
  readonly #kept: KeptMap<string, Uint8Array>;

  constructor({ crypto, store }: ChannelsDeps) {
    this.#crypto = crypto;
    this.#kept = new KeptMap(store, {
      put: (name, key) => ({ kind: "channel-put", channel: { name, key } }),
      remove: (name) => ({ kind: "channel-remove", name }),
    });
  }

  restore(channels: readonly StoredChannel[]): void {
    this.#kept.restore(channels.map(({ name, key }) => [name, key]));
  }

  /** By name. */
  get keys(): ReadonlyMap<string, Uint8Array> {
    return this.#kept.all;
  }

  /** 32 octets, which take the place of what the name stood for. */
  put(name: string, key: Uint8Array, then?: (outcome: ChannelOutcome) => void): void {
    if (!this.keys.has(name) && this.keys.size >= mostChannels) then?.({ kind: "full" });
    else this.#kept.put(name, key, then);
  }

  remove(name: string, then?: (outcome: ChangeOutcome) => void): void {
    this.#kept.remove(name, then);
  }

  /** In which of them it was sealed, and what it says; undefined: in none. Some 10 µs each. */
  open(
    broadcast: Broadcast,
  ): { readonly name: string; readonly key: Uint8Array; readonly said: Plaintext } | undefined {
    for (const [name, key] of this.keys) {
      const said = openInChannel(this.#crypto, key, broadcast);
      if (said !== undefined) return { name, key, said };
    }
    return undefined;
  }
}

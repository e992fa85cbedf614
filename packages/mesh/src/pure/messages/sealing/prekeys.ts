/**
 * The keys that others seal openings to, besides the identity's: made anew each week, and forgotten a month after the next was made, so that who
 * steals all of a node's keys later cannot read what was sealed to those that are gone. A key is announced once it is kept, and no sooner: what
 * is sealed to one that was lost nobody can open.
 */
import type { StoredPrekey } from "../store-operations.ts";
import type { StoreTime } from "../store-time.ts";
import type { AgreementKey, FreshKey, MessageCrypto } from "./message-crypto.ts";

export interface PrekeysConfig {
  /** Seconds from one key to the next. */
  readonly renewEvery: number;
  /** Seconds for which a key serves after the next was made. */
  readonly keptFor: number;
  /** Of more the oldest goes. */
  readonly most: number;
}

const day = 86_400;
export const defaultPrekeys: PrekeysConfig = { renewEvery: 7 * day, keptFor: 30 * day, most: 8 };

interface Prekey {
  readonly id: number;
  readonly key: FreshKey;
  readonly made: StoreTime;
  until: StoreTime;
}

export class Prekeys {
  readonly #crypto: Pick<MessageCrypto, "generate" | "restore">;
  readonly #config: PrekeysConfig;
  /** From the oldest to the latest. */
  #prekeys: Prekey[] = [];
  /** The latest may not be on the disk yet. */
  #kept: Prekey | undefined;

  constructor(crypto: Pick<MessageCrypto, "generate" | "restore">, config: PrekeysConfig = defaultPrekeys) {
    this.#crypto = crypto;
    this.#config = config;
  }

  /** What was stored, in any order. What is no key is left out. */
  restore(stored: readonly StoredPrekey[]): void {
    this.#prekeys = stored
      .toSorted((one, other) => one.id - other.id)
      .flatMap(({ id, secret, made, until }) => {
        const key = this.#crypto.restore(secret);
        return key === undefined ? [] : [{ id, key, made, until }];
      });
    this.#kept = this.#prekeys.at(-1);
  }

  /** The public key that is to be announced: 32 octets. Undefined: there is none yet. */
  get announced(): Uint8Array | undefined {
    return this.#kept?.key.publicKey;
  }

  /** By which openings may be opened, the latest first. */
  live(): readonly AgreementKey[] {
    return this.#prekeys.toReversed().map(({ key }) => key);
  }

  /** When the next is to be made; undefined: now. */
  get due(): StoreTime | undefined {
    const latest = this.#prekeys.at(-1);
    return latest && ((latest.made + this.#config.renewEvery) as StoreTime);
  }

  /** Makes the next. What it gives is to be stored: the new one, and until when the one before it is kept. */
  renew(now: StoreTime): readonly StoredPrekey[] {
    const former = this.#prekeys.at(-1);
    const { renewEvery, keptFor } = this.#config;
    if (former !== undefined) former.until = (now + keptFor) as StoreTime;
    const until = (now + renewEvery + keptFor) as StoreTime;
    const next = { id: (former?.id ?? 0) + 1, key: this.#crypto.generate(), made: now, until };
    this.#prekeys.push(next);
    return [former, next].flatMap((prekey) => (prekey === undefined ? [] : [storedOf(prekey)]));
  }

  /** What `renew` made is on the disk, and is announced from now on. */
  kept(): void {
    this.#kept = this.#prekeys.at(-1);
  }

  /** The numbers of those that are forgotten: nothing that was sealed to them can be opened any more. The latest always stays. */
  expire(now: StoreTime): readonly number[] {
    const latest = this.#prekeys.at(-1);
    const live = this.#prekeys.filter((prekey) => prekey === latest || prekey.until > now).slice(-this.#config.most);
    const gone = this.#prekeys.filter((prekey) => !live.includes(prekey)).map(({ id }) => id);
    this.#prekeys = live;
    return gone;
  }
}

function storedOf({ id, key, made, until }: Prekey): StoredPrekey {
  return { id, secret: key.secret(), made, until };
}

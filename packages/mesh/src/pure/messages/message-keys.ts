/** Whom this node writes to and by which keys, what others seal to, and the chains of what comes: all that sealing and opening ask for. */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { MeshAddress } from "../mesh-address.ts";
import type { Routes } from "../routing/routes.ts";
import { Contacts } from "./contacts.ts";
import type { MessagesFound } from "./message-terms.ts";
import type { MessageCrypto } from "./sealing/message-crypto.ts";
import { Prekeys } from "./sealing/prekeys.ts";
import { RecipientChains } from "./sealing/recipient-chains.ts";
import type { Correspondent } from "./sealing/sender-sessions.ts";
import type { StoreCall } from "./store-call.ts";
import type { StoreCalendar, StoreTime } from "./store-time.ts";

export interface MessageKeysDeps {
  readonly routes: Routes;
  readonly crypto: MessageCrypto;
  readonly calendar: StoreCalendar;
  readonly store: StoreCall;
  /** What others may seal to from now on: 32 octets. */
  readonly onPrekey: (now: Millis, prekey: Uint8Array) => void;
}

/** Prekeys and chains that have ended are looked for this often. */
const tidyEvery = seconds(60);

export class MessageKeys {
  readonly chains: RecipientChains;
  readonly contacts: Contacts;
  readonly #deps: MessageKeysDeps;
  readonly #prekeys: Prekeys;
  #announced: Uint8Array | undefined;
  #tidyAt: Millis;

  constructor(deps: MessageKeysDeps, now: Millis) {
    const { crypto, store } = deps;
    this.#deps = deps;
    this.#tidyAt = now;
    this.#prekeys = new Prekeys(crypto);
    this.contacts = new Contacts(store, (address) => this.chains.regroup(address));
    const { isContact } = this;
    this.chains = new RecipientChains({ crypto, prekeys: () => this.#prekeys.live(), isContact });
  }

  restore({ contacts, prekeys, chains }: Pick<MessagesFound, "contacts" | "prekeys" | "chains">): void {
    this.contacts.restore(contacts);
    this.#prekeys.restore(prekeys);
    for (const chain of chains) this.chains.restore(chain);
  }

  /** Pinned in the configuration, or put by the operator. */
  readonly isContact = (address: MeshAddress): boolean =>
    this.contacts.all.has(address) || this.#deps.routes.isContact(address);

  /** As he announced himself, or as he is known from before; undefined while nobody has told his key. */
  correspondent(address: MeshAddress): Correspondent | undefined {
    const announce = this.#deps.routes.get(address)?.announce;
    if (announce !== undefined) return { address, key: announce.key, prekey: announce.prekey };
    const contact = this.contacts.all.get(address);
    return contact && { address, key: contact.key, prekey: undefined };
  }

  get deadline(): Millis {
    return this.#tidyAt;
  }

  expire(now: Millis): void {
    if (now < this.#tidyAt) return;
    this.#tidyAt = millis(now + tidyEvery);
    const { calendar, store } = this.#deps;
    const at = calendar.at(now);
    this.chains.expire(at);
    for (const id of this.#prekeys.expire(at)) store({ kind: "prekey-forget", id });
    const { due } = this.#prekeys;
    if (due === undefined || due <= at) this.#renew(now);
    else this.#announce(now);
    this.#expireStored(at);
  }

  /** All that the store has of what has ended, a portion behind the other. */
  #expireStored(at: StoreTime): void {
    this.#deps.store({ kind: "expire", now: at }, (_, __, result) => {
      if (result?.kind === "expired" && result.isMore) this.#expireStored(at);
    });
  }

  /** It is announced when it is on the disk: what is sealed to a key that was lost nobody can open. */
  #renew(now: Millis): void {
    const { calendar, store } = this.#deps;
    const made = this.#prekeys.renew(calendar.at(now));
    for (const [index, prekey] of made.entries())
      store({ kind: "prekey-put", prekey }, (later, end) => {
        if (end !== "durable" || index < made.length - 1) return;
        this.#prekeys.kept();
        this.#announce(later);
      });
  }

  #announce(now: Millis): void {
    const { announced } = this.#prekeys;
    if (announced === undefined || announced === this.#announced) return;
    this.#announced = announced;
    this.#deps.onPrekey(now, announced);
  }
}

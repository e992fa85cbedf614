/**
 * Opens what comes for this node: what goes in a chain is found by its tag in one look, whatever came before it and whatever did not; an opening
 * is tried by each prekey, and begins a chain. What it gives out is to be kept together with the chain's state, or given back.
 *
 * Memory: a chain is known by the tags of all that may come of it, some 500 octets each. They are bounded for a sender and in all; who is no
 * contact gives way first, then who was not heard the longest.
 */
import { addressOfKey, type MeshAddress } from "../../mesh-address.ts";
import type { StoredChain } from "../store-operations.ts";
import type { StoreTime } from "../store-time.ts";
import { type Envelope, type TagName, tagName, tagOctets } from "../wire/envelope.ts";
import { decodePlaintext, type Plaintext } from "../wire/plaintext.ts";
import { ChainHash, chainKeyLength } from "./chain.ts";
import type { AgreementKey, MessageCrypto } from "./message-crypto.ts";
import { openOpening } from "./opening.ts";
import { type Expected, RecipientChain } from "./recipient-chain.ts";

export interface RecipientChainsConfig {
  /** Seconds for which a chain is kept after the last that came of it: a day that it is used, and as long as an envelope lives. */
  readonly keptFor: number;
  /** Chains of one sender; one that was begun and not used gives way first. */
  readonly mostOfSender: number;
  /** Tags that are known in all. */
  readonly mostTags: number;
}

export const defaultRecipientChains: RecipientChainsConfig = {
  ...{ keptFor: 31 * 86_400, mostOfSender: 32, mostTags: 65_536 },
};

export interface RecipientDeps {
  readonly crypto: MessageCrypto;
  /** By which openings may be opened, the latest first. */
  readonly prekeys: () => readonly AgreementKey[];
  readonly isContact: (address: MeshAddress) => boolean;
}

/**
 * Seconds for which what was received is remembered: as long as an envelope can be opened by a prekey, and a day more. What was sealed to the
 * identity alone could be opened for ever: of that nothing counts whose time, as its sender wrote it, lies further back.
 */
export const rememberedFor: number = 38 * 86_400;

export interface Opened {
  readonly kind: "opened";
  readonly sender: MeshAddress;
  /** His identity key, 32 octets, which openings alone tell. */
  readonly senderKey: Uint8Array | undefined;
  readonly tag: TagName;
  /** 16 octets: to be told once the message is kept, and no sooner. */
  readonly ackKey: Uint8Array;
  readonly plaintext: Plaintext;
  /** To be kept with the message. */
  readonly chain: StoredChain;
  /** `identity`: no prekey was used, so a copy of it can be opened for ever. */
  readonly by: "chain" | "prekey" | "identity";
  /** Whether its chain was not known before. */
  readonly isFirst: boolean;
  /** For `reinstate`; undefined: it is an opening, which can be opened again as it is. */
  readonly expected: Expected | undefined;
}

/**
 * `unknown`: nobody can say what it is; `forged`: it was changed, or made by another than it says; `malformed`: its sender is broken; `untimely`: it
 * needs no prekey, and is too old to know whether it came before.
 */
export type RefusedEnvelope = {
  readonly kind: "refused";
  readonly why: "unknown" | "forged" | "malformed" | "untimely";
};

type Opening = Omit<Opened, "kind" | "tag" | "chain" | "plaintext">;

export class RecipientChains {
  readonly #deps: RecipientDeps;
  readonly #config: RecipientChainsConfig;
  readonly #hash: ChainHash;
  readonly #expected = new Map<TagName, Expected>();
  /** By their openings' tags, in the order in which they were used last. */
  readonly #contacts = new Map<TagName, RecipientChain>();
  readonly #strangers = new Map<TagName, RecipientChain>();
  readonly #bySender = new Map<MeshAddress, Set<TagName>>();
  #forgotten: RecipientChain[] = [];

  constructor(deps: RecipientDeps, config: RecipientChainsConfig = defaultRecipientChains) {
    this.#deps = deps;
    this.#config = config;
    this.#hash = new ChainHash(deps.crypto);
  }

  /** How many tags are known, of how many chains and senders. */
  get size(): { readonly tags: number; readonly chains: number; readonly senders: number } {
    const chains = this.#contacts.size + this.#strangers.size;
    return { tags: this.#expected.size, chains, senders: this.#bySender.size };
  }

  /** Of an envelope that is for this node. Its octets may be written over afterwards. */
  open(now: StoreTime, envelope: Envelope): Opened | RefusedEnvelope {
    const { name } = envelope;
    const expected = this.#expected.get(name);
    if (expected !== undefined) return this.#openInChain(now, expected, envelope.sealed);
    return envelope.form === "opening" ? this.#openOpening(now, envelope) : { kind: "refused", why: "unknown" };
  }

  /** What was opened could not be kept: it can be opened once more. */
  reinstate({ expected }: Opened): void {
    if (expected === undefined || this.#chain(expected.chain.opening) !== expected.chain) return;
    expected.chain.reinstate(expected);
    this.#expected.set(expected.tag, expected);
  }

  /** It was begun by an opening that had come before, when it was known and ended: what came of it could be opened again. */
  unbegin({ chain }: Opened): void {
    const begun = this.#chain(tagName(chain.opening));
    if (begun !== undefined) this.#forget(begun);
  }

  /** Whether somebody is a contact has changed: his chains are kept as long as those of others like him. */
  regroup(sender: MeshAddress): void {
    for (const opening of this.#bySender.get(sender) ?? []) {
      const chain = this.#chain(opening);
      if (chain === undefined || this.#pile(sender).has(opening)) continue;
      this.#contacts.delete(opening);
      this.#strangers.delete(opening);
      this.#pile(sender).set(opening, chain);
    }
  }

  /** A chain that was stored, the contacts being known. False: it is none, or known already. It makes the tags of it, 32 to 512 of some 4 µs each. */
  restore(stored: StoredChain): boolean {
    const chain = RecipientChain.of(this.#hash, stored);
    if (chain === undefined || this.#chain(chain.opening) !== undefined) return false;
    for (const expected of chain.expected) this.#expected.set(expected.tag, expected);
    this.#add(chain);
    return true;
  }

  /** Forgets chains that ended by now. */
  expire(now: StoreTime): void {
    for (const chains of [this.#strangers, this.#contacts])
      for (const chain of chains.values()) if (chain.until <= now) this.#forget(chain);
  }

  /** Chains that gave way since it was last asked: what is stored of them may go, after what was opened since then is kept. */
  takeForgotten(): readonly Pick<StoredChain, "sender" | "opening">[] {
    const forgotten = this.#forgotten.map(({ sender, opening }) => ({ sender, opening: tagOctets(opening) }));
    this.#forgotten = [];
    return forgotten;
  }

  #openInChain(now: StoreTime, expected: Expected, sealed: Uint8Array): Opened | RefusedEnvelope {
    const { chain, keys, tag } = expected;
    const octets = this.#deps.crypto.open(keys.subarray(0, chainKeyLength), nothing, sealed);
    if (octets === undefined) return { kind: "refused", why: "forged" };
    const plaintext = decodePlaintext(octets);
    if (plaintext === undefined) return { kind: "refused", why: "malformed" };
    const { added, dropped } = chain.received(expected);
    for (const gone of dropped) this.#expected.delete(gone.tag);
    for (const more of added) this.#expected.set(more.tag, more);
    this.#use(now, chain);
    const ackKey = keys.slice(chainKeyLength);
    const opening = {
      sender: chain.sender,
      senderKey: undefined,
      ackKey,
      by: "chain",
      isFirst: false,
      expected,
    } as const;
    return opened(opening, tag, plaintext, chain);
  }

  #openOpening(now: StoreTime, envelope: Envelope): Opened | RefusedEnvelope {
    const { crypto, prekeys } = this.#deps;
    const outcome = openOpening(crypto, [...prekeys(), crypto.identity], envelope.tag, envelope.sealed);
    if (outcome.kind === "refused") return outcome;
    const plaintext = decodePlaintext(outcome.plaintext);
    if (plaintext === undefined) return { kind: "refused", why: "malformed" };
    const { sender: senderKey, ackKey, chainKey } = outcome;
    const [sender, opening] = [addressOfKey(senderKey), envelope.name];
    const by = outcome.by === crypto.identity ? "identity" : "prekey";
    // Before a chain is made of it: of one that was made again, all that came in it could be opened again.
    if (by === "identity" && !this.#isTimely(now, sender, plaintext)) return { kind: "refused", why: "untimely" };
    const known = this.#chain(opening);
    const chain = known ?? new RecipientChain(this.#hash, { sender, opening, until: now }, 1, chainKey);
    if (known === undefined) this.#add(chain);
    this.#use(now, chain);
    return opened(
      { sender, senderKey, ackKey, by, isFirst: known === undefined, expected: undefined },
      opening,
      plaintext,
      chain,
    );
  }

  /** A stranger is not remembered for longer than another because he writes from the future. */
  #isTimely(now: StoreTime, sender: MeshAddress, { sent }: Plaintext): boolean {
    return sent > now - rememberedFor && (sent < now + rememberedFor || this.#deps.isContact(sender));
  }

  #chain(opening: TagName): RecipientChain | undefined {
    return this.#contacts.get(opening) ?? this.#strangers.get(opening);
  }

  #add(chain: RecipientChain): void {
    const { sender, opening } = chain;
    const openings = this.#bySender.get(sender) ?? new Set();
    this.#bySender.set(sender, openings);
    this.#pile(sender).set(opening, chain);
    openings.add(opening);
    for (const expected of chain.extend()) this.#expected.set(expected.tag, expected);
    if (openings.size > this.#config.mostOfSender) this.#giveWay(openings);
    this.#bound();
  }

  /** It is the one that was used last. Whoever became a contact meanwhile goes with the contacts from now on. */
  #use(now: StoreTime, chain: RecipientChain): void {
    const { sender, opening } = chain;
    chain.until = (now + this.#config.keptFor) as StoreTime;
    const openings = this.#bySender.get(sender);
    if (openings === undefined || !openings.delete(opening)) return;
    openings.add(opening);
    this.#contacts.delete(opening);
    this.#strangers.delete(opening);
    this.#pile(sender).set(opening, chain);
    this.#bound();
  }

  #pile(sender: MeshAddress): Map<TagName, RecipientChain> {
    return this.#deps.isContact(sender) ? this.#contacts : this.#strangers;
  }

  #bound(): void {
    while (this.#expected.size > this.#config.mostTags) {
      const [first] = this.#strangers.size > 0 ? this.#strangers.values() : this.#contacts.values();
      if (first === undefined) return;
      this.#forget(first);
    }
  }

  /** Of one sender's: of which nothing came yet but the opening, if it is not the latest; else the one that was not used the longest. */
  #giveWay(openings: ReadonlySet<TagName>): void {
    const chains = [...openings].flatMap((opening) => this.#chain(opening) ?? []);
    const first = chains.slice(0, -1).find(({ isUsed }) => !isUsed) ?? chains[0];
    if (first !== undefined) this.#forget(first);
  }

  #forget(chain: RecipientChain): void {
    const { sender, opening } = chain;
    for (const { tag } of chain.expected) this.#expected.delete(tag);
    this.#contacts.delete(opening);
    this.#strangers.delete(opening);
    const openings = this.#bySender.get(sender);
    openings?.delete(opening);
    if (openings?.size === 0) this.#bySender.delete(sender);
    this.#forgotten.push(chain);
  }
}

const nothing: Uint8Array = new Uint8Array();

function opened(opening: Opening, tag: TagName, plaintext: Plaintext, chain: RecipientChain): Opened {
  return { kind: "opened", ...opening, tag, plaintext, chain: chain.state() };
}

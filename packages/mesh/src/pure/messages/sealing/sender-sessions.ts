/**
 * Which envelope to a contact is an opening, and which goes in a chain. Until an opening is proved every envelope is one, whole in itself; the
 * newest that was proved gives the chain of all that follow, until it is a day old or used up; while what goes in it is proved, no other takes its
 * place. All of it is in memory alone: a sender that is restarted opens anew, so that no key is ever on a disk, and none can seal twice.
 *
 * Of a chain the more may be unproved the more of it was proved: the recipient knows the tags of as many ahead, and more. What does not fit is
 * an opening, which needs nothing of the recipient; `room` says how much fits, for who would rather wait.
 */
import { InternalError } from "@ropewalk/kernel/errors";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import type { MeshAddress } from "../../mesh-address.ts";
import { type EnvelopeForm, type TagName, tagName, tagOctets } from "../wire/envelope.ts";
import { encodePlaintext, type Plaintext, plaintextHead } from "../wire/plaintext.ts";
import { mostContent, paddingFor } from "../wire/size-class.ts";
import { ChainHash, mostOfChain } from "./chain.ts";
import type { MessageCrypto } from "./message-crypto.ts";
import { sealOpening } from "./opening.ts";

export interface SenderSessionsConfig {
  /** For which a chain is used, and after which an opening is to follow it already. */
  readonly chainLife: Millis;
  readonly refreshAfter: Millis;
  /** Envelopes of a chain, its opening among them, and how many before an opening is to follow it. */
  readonly mostOfChain: number;
  readonly refreshAt: number;
  /** Unproved of a chain: at first, and ever. */
  readonly firstUnproved: number;
  readonly mostUnproved: number;
  /** Openings of one contact that are remembered: any may give the chain. */
  readonly mostOpenings: number;
  /** Contacts and tags that are remembered; the contact that was not written to the longest gives way. */
  readonly mostContacts: number;
  readonly mostTags: number;
}

export const defaultSenderSessions: SenderSessionsConfig = {
  ...{ chainLife: seconds(86_400), refreshAfter: seconds(64_800), mostOfChain, refreshAt: 3_072 },
  ...{ firstUnproved: 16, mostUnproved: 512, mostOpenings: 64 },
  ...{ mostContacts: 4_096, mostTags: 65_536 },
};

/** To whom. */
export interface Correspondent {
  readonly address: MeshAddress;
  /** His identity key: 32 octets. */
  readonly key: Uint8Array;
  /** What he announced: 32 octets. Undefined: his identity serves as one. */
  readonly prekey: Uint8Array | undefined;
}

/** Up to which size an envelope is padded: that of its class, or none but its own where octets are dear. */
export type Padding = "class" | "none";

export interface SealedMessage {
  readonly form: EnvelopeForm;
  /** 8 octets. */
  readonly tag: Uint8Array;
  /** The tag's. */
  readonly name: TagName;
  /** 16 octets: the proof that it was opened. Nobody is told but who sealed it. */
  readonly ackKey: Uint8Array;
  readonly sealed: Uint8Array;
}

interface PendingOpening {
  /** Counted in each session: of two the newer has the higher. */
  readonly order: number;
  readonly chainKey: Uint8Array;
}

interface SenderChain {
  readonly begun: Millis;
  readonly unproved: Set<TagName>;
  key: Uint8Array;
  next: number;
  proved: number;
  /** The latest opening that had been sealed when something of it was proved last: it serves better than any up to that one. */
  serves: number;
  /** Which opening is to follow it, once one was sealed for that. */
  successor: number | undefined;
}

interface Session {
  /** His identity's X25519 half. */
  readonly identity: Uint8Array;
  readonly openings: Map<TagName, PendingOpening>;
  opened: number;
  chain: SenderChain | undefined;
  /** The one before it, which takes what does not fit while the new one is young. */
  former: SenderChain | undefined;
}

export class SenderSessions {
  readonly #crypto: MessageCrypto;
  readonly #config: SenderSessionsConfig;
  readonly #hash: ChainHash;
  /** In the order in which they were last written to. */
  readonly #sessions = new Map<MeshAddress, Session>();
  /** Whose each tag is, that is not proved. */
  readonly #owners = new Map<TagName, Session>();

  constructor(crypto: MessageCrypto, config: SenderSessionsConfig = defaultSenderSessions) {
    this.#crypto = crypto;
    this.#config = config;
    this.#hash = new ChainHash(crypto);
  }

  /** Tags that are not proved. */
  get tags(): number {
    return this.#owners.size;
  }

  /** How many envelopes to him may go in a chain now. */
  room(now: Millis, address: MeshAddress): number {
    const session = this.#sessions.get(address);
    return this.#roomOf(now, session?.chain) + this.#roomOf(now, session?.former);
  }

  /** Undefined: his keys are none that anything can be sealed to. Throws InternalError where the plaintext is longer than an envelope. */
  seal(now: Millis, to: Correspondent, plaintext: Plaintext, padding: Padding): SealedMessage | undefined {
    const session = this.#sessionOf(to);
    if (session === undefined) return undefined;
    const chain = this.#chainFor(now, session);
    const octets = padded(plaintext, chain === undefined ? "opening" : "chain", padding);
    const sealed = chain === undefined ? this.#open(session, to, octets) : this.#inChain(chain, octets);
    if (sealed === undefined) return undefined;
    this.#owners.set(sealed.name, session);
    chain?.unproved.add(sealed.name);
    this.#bound();
    return sealed;
  }

  /** An envelope was proved: what an opening began is used from now on, unless a newer one is. */
  proved(now: Millis, tag: TagName): void {
    const session = this.#owners.get(tag);
    if (session === undefined) return;
    this.#owners.delete(tag);
    const opening = session.openings.get(tag);
    if (opening !== undefined) this.#begin(now, session, tag, opening);
    for (const chain of [session.chain, session.former])
      if (chain?.unproved.delete(tag)) {
        chain.proved += 1;
        chain.serves = session.opened;
      }
  }

  /** It was not proved for long though there is a way: whoever it was for may have lost the chain, which is used no more. */
  abandon(tag: TagName): void {
    const session = this.#owners.get(tag);
    if (session === undefined) return;
    this.#owners.delete(tag);
    session.openings.delete(tag);
    if (session.chain?.unproved.has(tag) || session.former?.unproved.has(tag)) this.#end(session);
  }

  /** All that is known of him goes. */
  forget(address: MeshAddress): void {
    const session = this.#sessions.get(address);
    if (session === undefined) return;
    this.#end(session);
    for (const tag of session.openings.keys()) this.#owners.delete(tag);
    this.#sessions.delete(address);
  }

  #sessionOf({ address, key }: Correspondent): Session | undefined {
    const known = this.#sessions.get(address);
    this.#sessions.delete(address);
    const identity = known?.identity ?? this.#crypto.agreementKeyOf(key);
    if (identity === undefined) return undefined;
    const session = known ?? { identity, openings: new Map(), opened: 0, chain: undefined, former: undefined };
    this.#sessions.set(address, session);
    return session;
  }

  /** The chain in which the next envelope goes; undefined: it is an opening. */
  #chainFor(now: Millis, { chain, former, opened }: Session): SenderChain | undefined {
    if (chain === undefined) return undefined;
    const isDue = chain.next >= this.#config.refreshAt || now >= chain.begun + this.#config.refreshAfter;
    if (!isDue || chain.successor !== undefined) return [chain, former].find((one) => this.#roomOf(now, one) > 0);
    chain.successor = opened + 1;
    return undefined;
  }

  #roomOf(now: Millis, chain: SenderChain | undefined): number {
    const { chainLife, mostOfChain: most, firstUnproved, mostUnproved } = this.#config;
    if (chain === undefined || now >= chain.begun + chainLife) return 0;
    const unproved = Math.min(mostUnproved, firstUnproved + chain.proved) - chain.unproved.size;
    return Math.max(0, Math.min(unproved, most - chain.next));
  }

  #open(session: Session, { prekey }: Correspondent, plaintext: Uint8Array): SealedMessage | undefined {
    const to = { identity: session.identity, prekey: prekey ?? session.identity };
    const opening = sealOpening(this.#crypto, to, plaintext);
    if (opening === undefined) return undefined;
    const { tag, ackKey, sealed, chainKey } = opening;
    const name = tagName(tag);
    session.opened += 1;
    session.openings.set(name, { order: session.opened, chainKey });
    if (session.openings.size > this.#config.mostOpenings) {
      const [oldest] = session.openings.keys();
      if (oldest !== undefined) this.#drop(session, oldest);
    }
    return { form: "opening", tag, name, ackKey, sealed };
  }

  #inChain(chain: SenderChain, plaintext: Uint8Array): SealedMessage {
    const key = this.#hash.messageKey(chain.key);
    const ackKey = this.#hash.ackKey(key);
    const sealed = this.#crypto.seal(key, nothing, plaintext);
    const next = this.#hash.next(chain.key);
    for (const used of [key, chain.key]) used.fill(0);
    chain.key = next;
    chain.next += 1;
    const name = this.#hash.tag(ackKey);
    return { form: "chain", tag: tagOctets(name), name, ackKey, sealed };
  }

  #begin(now: Millis, session: Session, tag: TagName, { order, chainKey }: PendingOpening): void {
    session.openings.delete(tag);
    const { chain } = session;
    const isSuccessor = chain?.successor !== undefined && order >= chain.successor;
    if (chain !== undefined && order <= chain.serves && !isSuccessor) return;
    if (isSuccessor) {
      this.#release(session.former);
      session.former = chain;
    } else this.#end(session);
    for (const [older, opening] of session.openings) if (opening.order < order) this.#drop(session, older);
    session.chain = {
      ...{ begun: now, key: chainKey, next: 1 },
      ...{ unproved: new Set(), proved: 0, serves: order, successor: undefined },
    };
  }

  #drop(session: Session, opening: TagName): void {
    session.openings.delete(opening);
    this.#owners.delete(opening);
  }

  #end(session: Session): void {
    for (const chain of [session.chain, session.former]) this.#release(chain);
    session.chain = undefined;
    session.former = undefined;
  }

  #release(chain: SenderChain | undefined): void {
    for (const tag of chain?.unproved ?? []) this.#owners.delete(tag);
  }

  #bound(): void {
    const { mostContacts, mostTags } = this.#config;
    while (this.#owners.size > mostTags || this.#sessions.size > mostContacts) {
      const [address] = this.#sessions.keys();
      if (address === undefined) return;
      this.forget(address);
    }
  }
}

const nothing: Uint8Array = new Uint8Array();

function padded(plaintext: Plaintext, form: EnvelopeForm, padding: Padding): Uint8Array {
  const { kind, content } = plaintext;
  const most = mostContent(form, kind);
  if (content.length > most) throw new InternalError(`an envelope has room for ${most} octets, not ${content.length}`);
  const length = plaintextHead[kind] + content.length;
  return encodePlaintext(plaintext, padding === "none" ? 0 : paddingFor(form, length));
}

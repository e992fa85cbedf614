/** Who writes to whom in tests of sealing: identities that are always the same, with prekeys, sessions and chains of their own. */
import { type Millis, millis } from "@ropewalk/kernel/units";
import { createMessageCrypto } from "@ropewalk/mesh/message-crypto";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { addressOfKey } from "@ropewalk/mesh/pure/mesh-address";
import type { MessageCrypto } from "@ropewalk/mesh/pure/messages/sealing/message-crypto";
import { Prekeys } from "@ropewalk/mesh/pure/messages/sealing/prekeys";
import {
  defaultRecipientChains,
  type Opened,
  RecipientChains,
  type RecipientChainsConfig,
  type RefusedEnvelope,
} from "@ropewalk/mesh/pure/messages/sealing/recipient-chains";
import {
  type Correspondent,
  defaultSenderSessions,
  type SealedMessage,
  SenderSessions,
  type SenderSessionsConfig,
} from "@ropewalk/mesh/pure/messages/sealing/sender-sessions";
import type { StoreTime } from "@ropewalk/mesh/pure/messages/store-time";
import { type Envelope, encodeEnvelope, type TagName, tagName } from "@ropewalk/mesh/pure/messages/wire/envelope";
import { longestLife } from "@ropewalk/mesh/pure/messages/wire/life";
import type { Plaintext } from "@ropewalk/mesh/pure/messages/wire/plaintext";
import { signingKey } from "../../wire/announces.ts";
import { readEnvelope } from "../wire/envelopes.ts";

export function person(number: number): MessageCrypto {
  return createMessageCrypto(signingKey(number));
}

export const storeTime = (seconds: number): StoreTime => seconds as StoreTime;
export const now: Millis = millis(0);
export const today: StoreTime = storeTime(1_800_000_000);

export function saying(number: number, content: Uint8Array = new TextEncoder().encode("ten octets")): Plaintext {
  return { kind: "whole", port: 1, id: number.toString(16).padStart(16, "0"), sent: 1_800_000_000, content };
}

/** As it travels. */
export function envelopeOf({ form, tag, sealed }: SealedMessage): Envelope {
  return readEnvelope(encodeEnvelope({ form, priority: 1, copies: 8, life: longestLife, hops: 64, tag }, sealed));
}

/** Two ends, of which one writes. */
export class Pair {
  readonly sender: MessageCrypto = person(1);
  readonly recipient: MessageCrypto = person(2);
  readonly prekeys: Prekeys;
  readonly to: Correspondent;
  readonly from: MeshAddress = addressOfKey(this.sender.publicKey);
  sessions: SenderSessions;
  chains: RecipientChains;

  constructor(sending?: Partial<SenderSessionsConfig>, receiving?: Partial<RecipientChainsConfig>) {
    this.prekeys = new Prekeys(this.recipient);
    this.prekeys.renew(today);
    this.prekeys.kept();
    const key = this.recipient.publicKey;
    this.to = { address: addressOfKey(key), key, prekey: this.prekeys.announced };
    this.sessions = newSessions(this.sender, sending);
    this.chains = newChains(this.recipient, this.prekeys, receiving);
  }

  seal(number: number): SealedMessage {
    const sealed = this.sessions.seal(now, this.to, saying(number), "class");
    if (sealed === undefined) throw new Error("nothing can be sealed to him");
    return sealed;
  }

  open(sealed: SealedMessage): Opened | RefusedEnvelope {
    return this.chains.open(today, envelopeOf(sealed));
  }

  /** Sealed, opened and proved. */
  exchange(number: number): SealedMessage["form"] {
    const sealed = this.seal(number);
    this.prove(sealed);
    return sealed.form;
  }

  /** Opens it, and lets the sender know. */
  prove(sealed: SealedMessage): Opened {
    const opened = openedOf(this.open(sealed));
    if (opened.ackKey.toHex() !== sealed.ackKey.toHex()) throw new Error("the proof is another");
    this.sessions.proved(now, nameOf(sealed));
    return opened;
  }
}

/** With a chain, of which so many came and were proved. */
export function talking(count: number, pair: Pair = new Pair()): Pair {
  for (let number = 0; number <= count; number += 1) pair.exchange(number);
  return pair;
}

export function newSessions(crypto: MessageCrypto, config: Partial<SenderSessionsConfig> = {}): SenderSessions {
  return new SenderSessions(crypto, { ...defaultSenderSessions, ...config });
}

export function newChains(
  crypto: MessageCrypto,
  prekeys: Prekeys,
  config: Partial<RecipientChainsConfig> = {},
  isContact: (address: MeshAddress) => boolean = () => true,
): RecipientChains {
  const deps = { crypto, prekeys: () => prekeys.live(), isContact };
  return new RecipientChains(deps, { ...defaultRecipientChains, ...config });
}

export function nameOf({ tag }: SealedMessage): TagName {
  return tagName(tag);
}

/** Throws where it was refused. */
export function openedOf(outcome: Opened | RefusedEnvelope): Opened {
  if (outcome.kind === "refused") throw new Error(`it was refused: ${outcome.why}`);
  return outcome;
}

export function idOf(opened: Opened): number {
  return Number.parseInt(opened.plaintext.id, 16);
}

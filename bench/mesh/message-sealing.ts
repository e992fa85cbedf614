/**
 * What a message has in octets on a link, and what it costs to seal it, write it as an envelope, read that and open it, with the windows and the
 * proofs that belong to it: in a chain, as between who know each other, and as an opening. Beside it, a block of the one and a block of the other
 * in turn, what ChaCha20-Poly1305 alone costs. Processor time, so that others' load counts less.
 */

import { openOnce, sealOnce } from "@ropewalk/crypto/one-time-aead";
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import { millis, seconds } from "@ropewalk/kernel/units";
import { createMessageCrypto } from "@ropewalk/mesh/message-crypto";
import { addressOfKey } from "@ropewalk/mesh/pure/mesh-address";
import { Prekeys } from "@ropewalk/mesh/pure/messages/sealing/prekeys";
import { RecipientChains } from "@ropewalk/mesh/pure/messages/sealing/recipient-chains";
import { type SealedMessage, SenderSessions } from "@ropewalk/mesh/pure/messages/sealing/sender-sessions";
import type { StoreTime } from "@ropewalk/mesh/pure/messages/store-time";
import { decodeEnvelope, encodeEnvelope, tagName } from "@ropewalk/mesh/pure/messages/wire/envelope";
import type { Plaintext } from "@ropewalk/mesh/pure/messages/wire/plaintext";
import { messageOverhead } from "@ropewalk/mesh/pure/messages/wire/size-class";
import { ownColumn } from "../tunnel/entrant.ts";
import type { Figure } from "../tunnel/round-table.ts";
import { bareColumn, type Part, publishedColumns } from "./part.ts";

/** In a chain, in portions as they may be under way; and openings. */
const [messages, portion, openings] = [3_000, 100, 400];

const known: Figure = {
  ...{ metric: "10 characters to who is known", unit: "octets", better: "less" },
  goals: [{ kind: "figure", limit: 64 }],
};
const first: Figure = {
  ...{ metric: "10 characters at first", unit: "octets", better: "less" },
  goals: [{ kind: "figure", limit: 128 }],
};
const inChain: Figure = {
  ...{ metric: "envelopes of a chain sealed and opened, per second of a core", unit: "", better: "more" },
  goals: [{ kind: "figure", limit: 40_000 }],
};
const opened: Figure = {
  ...{ metric: "openings sealed and opened, per second of a core", unit: "", better: "more" },
  goals: [{ kind: "figure", limit: 1_000 }],
};
/** Opportunistic, 10 characters: in a link's packet between who know each other, and as it is sent at first. */
const lxmf = { known: 211, first: 227 };

const now = millis(0);
const today = 1_800_000_000 as StoreTime;
const plaintext: Plaintext = {
  ...{ kind: "whole", port: 1, id: "0001020304050607", sent: today },
  content: new TextEncoder().encode("ten octets"),
};

export const messageSealing: Part = async ({ table, rounds }) => {
  const pair = new Pair();
  table.record(first, ownColumn, 0, messageOverhead + pair.seal().sealed.length);
  pair.converse(1);
  table.record(known, ownColumn, 0, messageOverhead + pair.seal().sealed.length);
  table.record(first, publishedColumns.reticulum, 0, lxmf.first);
  table.record(known, publishedColumns.reticulum, 0, lxmf.known);
  // The first round is the compiler's.
  for (let round = -1; round < rounds; round += 1) {
    const ends = new Pair();
    // As many as it takes until the windows are as wide as they come.
    for (let count = 0; count < 300; count += 1) ends.converse(1);
    let [ours, bare] = [0, 0];
    for (let count = 0; count < messages; count += portion) {
      ours += processorOf(() => ends.converse(portion));
      bare += processorOf(sealAndOpen);
    }
    const strangers = processorOf(() => ends.openAnew(openings));
    if (round < 0) continue;
    table.record(inChain, ownColumn, round, messages / ours);
    table.record(inChain, bareColumn, round, messages / bare);
    table.record(opened, ownColumn, round, openings / strangers);
  }
  table.note(
    `Messages of 10 octets, padded to 64 and 128, through both ends' sessions and chains and the codec of envelopes; ${portion} at a time in a chain, each proved. The bare column seals and opens as many octets by ChaCha20-Poly1305 of node:crypto, and nothing else. LXMF's octets are those of its own sizes over Reticulum. Processor time of the process, its garbage collection included.`,
  );
};

class Pair {
  readonly #sender = createMessageCrypto(generateSigningKey("ed25519"));
  readonly #recipient = createMessageCrypto(generateSigningKey("ed25519"));
  readonly #chains: RecipientChains;
  readonly #to: Parameters<SenderSessions["seal"]>[1];
  #sessions = new SenderSessions(this.#sender);

  constructor() {
    const prekeys = new Prekeys(this.#recipient);
    prekeys.renew(today);
    prekeys.kept();
    const key = this.#recipient.publicKey;
    this.#to = { address: addressOfKey(key), key, prekey: prekeys.announced };
    const deps = { crypto: this.#recipient, prekeys: () => prekeys.live(), isContact: () => true };
    this.#chains = new RecipientChains(deps);
  }

  seal(): SealedMessage {
    const sealed = this.#sessions.seal(now, this.#to, plaintext, "class");
    if (sealed === undefined) throw new Error("nothing can be sealed to him");
    return sealed;
  }

  /** So many are sealed, then all opened, then all proved. */
  converse(count: number): void {
    const sealed = Array.from({ length: count }, () => {
      const { form, tag, sealed: octets } = this.seal();
      return encodeEnvelope({ form, priority: 1, copies: 8, life: seconds(86_400), hops: 64, tag }, octets);
    });
    for (const octets of sealed) {
      const envelope = decodeEnvelope(octets);
      const outcome = typeof envelope === "string" ? undefined : this.#chains.open(today, envelope);
      if (outcome?.kind !== "opened") throw new Error("what was sealed was not opened");
      this.#sessions.proved(now, tagName(octets.subarray(4)));
    }
  }

  openAnew(count: number): void {
    for (let number = 0; number < count; number += 1) {
      this.#sessions = new SenderSessions(this.#sender);
      this.converse(1);
    }
  }
}

function sealAndOpen(): void {
  const [key, aad, octets] = [new Uint8Array(32), new Uint8Array(), new Uint8Array(29)];
  for (let number = 0; number < portion; number += 1)
    if (openOnce(key, aad, sealOnce(key, aad, octets)) === undefined) throw new Error("what was sealed was not opened");
}

/** Seconds. */
function processorOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** The vectors of docs/protocols/mesh-envelope.md: the code gives them, and so does what the text says, done by hand. */
import assert from "node:assert/strict";
import {
  createCipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
  sign,
} from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { signingKeyFromSeed } from "@ropewalk/crypto/signing-key";
import { joined } from "@ropewalk/kernel/bytes";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { millis, seconds } from "@ropewalk/kernel/units";
import { createMessageCrypto } from "@ropewalk/mesh/message-crypto";
import { addressOctets, addressOfKey } from "@ropewalk/mesh/pure/mesh-address";
import {
  isSigned,
  openInChannel,
  sealToChannel,
  signBroadcast,
} from "@ropewalk/mesh/pure/messages/sealing/broadcast-sealing";
import type { MessageCrypto } from "@ropewalk/mesh/pure/messages/sealing/message-crypto";
import { Prekeys } from "@ropewalk/mesh/pure/messages/sealing/prekeys";
import { type SealedMessage, SenderSessions } from "@ropewalk/mesh/pure/messages/sealing/sender-sessions";
import { type BroadcastContent, encodeBroadcast } from "@ropewalk/mesh/pure/messages/wire/broadcast";
import {
  type EnvelopeForm,
  encodeEnvelope,
  envelopeLengths,
  tagName,
} from "@ropewalk/mesh/pure/messages/wire/envelope";
import { encodePlaintext, type Plaintext, plaintextHead } from "@ropewalk/mesh/pure/messages/wire/plaintext";
import { messageOverhead, paddingFor } from "@ropewalk/mesh/pure/messages/wire/size-class";
import { hintOf, markOf } from "@ropewalk/mesh/pure/messages/wire/tags";
import { newChains, openedOf, today } from "./sealing/people.ts";
import { readBroadcast, readEnvelope } from "./wire/envelopes.ts";

interface SealedVector {
  readonly tag: string;
  readonly proof: string;
  readonly envelope: string;
}

interface Vectors {
  readonly keys: Readonly<Record<"sender" | "recipient" | "agreement" | "prekey" | "ephemeral", string>>;
  readonly plaintext: Readonly<Record<"whole" | "padded" | "chunk", string>>;
  readonly opening: SealedVector & Readonly<Record<"hidden" | "mask" | "chainKey" | "messageKey", string>>;
  readonly chain: SealedVector & Readonly<Record<"chainKey" | "messageKey", string>>;
  readonly hint: string;
  readonly mark: string;
  readonly broadcasts: Readonly<Record<"signed" | "channel", string>>;
}

const text = readFileSync(new URL("../../../../../docs/protocols/mesh-envelope.md", import.meta.url), "utf8");
const vectors: Vectors = JSON.parse(/^```json\n([\s\S]*?)^```$/m.exec(text)?.[1] ?? "{}");

const counting = (length: number, from = 0) => Uint8Array.from({ length }, (_, index) => from + index);
const ascii = (line: string) => new TextEncoder().encode(line);

/** What the document gives. */
const seeds = {
  sender: counting(32),
  recipient: counting(32, 0x20),
  prekey: counting(32, 0x40),
  ephemeral: counting(32, 0x60),
};
const plaintext: Plaintext = {
  kind: "whole",
  port: 7,
  id: counting(8, 0x10).toHex(),
  sent: 1_577_836_800 + 0x0c0d0e0f,
  content: ascii("ten octets"),
};
const channel = { key: counting(32, 0x80), salt: counting(16, 0xa0) };
const hop = { priority: 1, copies: 8, life: seconds(86_400), hops: 64 } as const;

const cryptoOf = (seed: Uint8Array) =>
  createMessageCrypto(signingKeyFromSeed("ed25519", new SecretBytes(Uint8Array.from(seed))));
const recipient = cryptoOf(seeds.recipient);
const restored = (secret: Uint8Array) => recipient.restore(Uint8Array.from(secret)) ?? assert.fail();
const sender: MessageCrypto = { ...cryptoOf(seeds.sender), generate: () => restored(seeds.ephemeral) };

test("the code seals as the specification says, and opens what is in it", () => {
  const prekeys = new Prekeys({ ...recipient, generate: () => restored(seeds.prekey) });
  prekeys.renew(today);
  prekeys.kept();
  const key = recipient.publicKey;
  const to = { address: addressOfKey(key), key, prekey: prekeys.announced };
  const sessions = new SenderSessions(sender);
  const chains = newChains(recipient, prekeys);
  for (const vector of [vectors.opening, vectors.chain]) {
    const made: SealedMessage = sessions.seal(millis(0), to, plaintext, "none") ?? assert.fail();
    assert.deepEqual(shown(made), { tag: vector.tag, proof: vector.proof, envelope: vector.envelope });
    sessions.proved(millis(0), tagName(made.tag));
    const opened = openedOf(chains.open(today, readEnvelope(Uint8Array.fromHex(vector.envelope))));
    assert.deepEqual([opened.plaintext, opened.ackKey.toHex()], [plaintext, vector.proof]);
  }
  assert.equal(hintOf(Uint8Array.fromHex(vectors.opening.tag), to.address).toHex(), vectors.hint);
  assert.equal(markOf(Uint8Array.fromHex(vectors.opening.envelope)).toHex(), vectors.mark);
  assert.equal(encodePlaintext(plaintext, 0).toHex(), vectors.plaintext.whole);
  assert.equal(encodePlaintext(plaintext, 4).toHex(), vectors.plaintext.padded);
  const chunk = { ...plaintext, kind: "chunk", index: 1, count: 3 } as const;
  assert.equal(encodePlaintext(chunk, 0).toHex(), vectors.plaintext.chunk);
});

test("the code signs and seals broadcasts as the specification says, and by hand they are the same", () => {
  const octets = encodePlaintext(plaintext, 0);
  const salted: MessageCrypto = { ...sender, random: () => channel.salt };
  const contents = {
    signed: signBroadcast(sender, octets),
    channel: sealToChannel(salted, channel.key, octets),
  };
  const made = (content: BroadcastContent) =>
    encodeBroadcast({ priority: 1, hops: 16, life: seconds(60) }, content).toHex();
  assert.deepEqual({ signed: made(contents.signed), channel: made(contents.channel) }, vectors.broadcasts);
  const [signed, sealed] = [vectors.broadcasts.signed, vectors.broadcasts.channel].map((hex) =>
    readBroadcast(Uint8Array.fromHex(hex)),
  );
  assert.ok(signed !== undefined && isSigned(recipient, signed));
  assert.deepEqual(sealed && openInChannel(recipient, channel.key, sealed), plaintext);

  const message = joined(ed25519Public(seeds.sender), octets);
  const privateKey = createPrivateKey({ key: seeds.sender, format: "raw-private", asymmetricKeyType: "ed25519" });
  const signature = sign(null, frame(ascii("ropewalk mesh broadcast v1"), message), privateKey);
  assert.equal(`50003c01${message.toHex()}${signature.toString("hex")}`, vectors.broadcasts.signed);
  const key = hkdf(joined(channel.key, channel.salt), frame(ascii("ropewalk mesh channel v1")), 32);
  const ciphertext = sealedUnder(key, new Uint8Array(), octets);
  assert.equal(`50003c02${channel.salt.toHex()}${ciphertext.toHex()}`, vectors.broadcasts.channel);
});

test("the sizes of the specification are those that envelopes have", () => {
  const rows = [...text.matchAll(/^\| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|$/gm)];
  assert.equal(rows.length, 7);
  for (const [, ...cells] of rows) {
    const [content = 0, ...sizes] = cells.map((cell) => Number(cell.replaceAll(",", "")));
    const sizesOf = (form: EnvelopeForm) => {
      const length = plaintextHead.whole + content;
      const size = messageOverhead + envelopeLengths.sealing[form] + length;
      return [size, size + paddingFor(form, length)];
    };
    assert.deepEqual([...sizesOf("chain"), ...sizesOf("opening")], sizes);
  }
});

test("what the specification says, done by hand, gives the same", () => {
  const [ephemeral, prekey] = [x25519(seeds.ephemeral), x25519(seeds.prekey)];
  const [from, to] = [agreementKey(seeds.sender), agreementKey(seeds.recipient)];
  const keys = {
    sender: ed25519Public(seeds.sender).toHex(),
    recipient: ed25519Public(seeds.recipient).toHex(),
    agreement: rawOf(to).toHex(),
    prekey: rawOf(prekey).toHex(),
    ephemeral: rawOf(ephemeral).toHex(),
  };
  assert.deepEqual(keys, vectors.keys);

  // The recipient's end, so that the code's, which is the sender's above, has a second opinion.
  const hidden = joined(agreed(prekey, ephemeral), agreed(to, ephemeral));
  const three = frame(rawOf(ephemeral), rawOf(prekey), rawOf(to));
  const both = hkdf(hidden, frame(ascii("ropewalk mesh opening identity v1"), three), 48);
  const [mask, ackKey] = [both.subarray(0, 32), both.subarray(32)];
  const secrets = joined(hidden, agreed(prekey, from), agreed(to, from));
  const senderKey = ed25519Public(seeds.sender);
  const chainKey = hkdf(secrets, frame(ascii("ropewalk mesh opening v1"), three, senderKey), 32);
  const messageKey = hash("ropewalk mesh message key v1", chainKey);
  const head = joined(
    rawOf(ephemeral),
    mask.map((octet, place) => octet ^ (senderKey[place] ?? 0)),
  );
  const whole = Uint8Array.fromHex(
    "01 0007 1011121314151617 0c0d0e0f".replaceAll(" ", "") + ascii("ten octets").toHex(),
  );
  const tag = tagOf(ackKey);
  assert.deepEqual(
    {
      hidden: hidden.toHex(),
      mask: mask.toHex(),
      proof: ackKey.toHex(),
      tag: tag.toHex(),
      chainKey: chainKey.toHex(),
      messageKey: messageKey.toHex(),
      envelope: `685a8c40${tag.toHex()}${head.toHex()}${sealedUnder(messageKey, head, whole).toHex()}`,
    },
    vectors.opening,
  );

  const next = hash("ropewalk mesh chain v1", chainKey);
  const nextKey = hash("ropewalk mesh message key v1", next);
  const nextAck = hash("ropewalk mesh ack v1", nextKey).subarray(0, 16);
  const nextTag = tagOf(nextAck);
  assert.deepEqual(
    {
      chainKey: next.toHex(),
      messageKey: nextKey.toHex(),
      proof: nextAck.toHex(),
      tag: nextTag.toHex(),
      envelope: `485a8c40${nextTag.toHex()}${sealedUnder(nextKey, new Uint8Array(), whole).toHex()}`,
    },
    vectors.chain,
  );
  const address = addressOctets(addressOfKey(Uint8Array.fromHex(vectors.keys.recipient)));
  assert.equal(hash("ropewalk mesh hint v1", joined(tag, address)).subarray(0, 8).toHex(), vectors.hint);
  const marked = Uint8Array.fromHex(vectors.opening.envelope).subarray(4);
  assert.equal(hash("ropewalk mesh mark v1", marked).subarray(0, 8).toHex(), vectors.mark);
  assert.equal(whole.toHex(), vectors.plaintext.whole);
});

function shown({ form, tag, ackKey, sealed }: SealedMessage): SealedVector {
  const envelope = encodeEnvelope({ ...hop, form, tag }, sealed);
  return { tag: tag.toHex(), proof: ackKey.toHex(), envelope: envelope.toHex() };
}

function x25519(key: Uint8Array): KeyObject {
  return createPrivateKey({ key, format: "raw-private", asymmetricKeyType: "x25519" });
}

/** RFC 8032 §5.1.5, steps 1 and 2; X25519 clears and sets its bits itself. */
function agreementKey(seed: Uint8Array): KeyObject {
  return x25519(createHash("sha512").update(seed).digest().subarray(0, 32));
}

function agreed(privateKey: KeyObject, other: KeyObject): Uint8Array {
  return new Uint8Array(diffieHellman({ privateKey, publicKey: createPublicKey(other) }));
}

function rawOf(key: KeyObject): Uint8Array {
  return new Uint8Array(createPublicKey(key).export({ format: "raw-public" }));
}

function ed25519Public(key: Uint8Array): Uint8Array {
  return rawOf(createPrivateKey({ key, format: "raw-private", asymmetricKeyType: "ed25519" }));
}

function frame(...parts: readonly Uint8Array[]): Uint8Array {
  return joined(...parts.flatMap((part) => [Uint8Array.of(0, 0, 0, part.length), part]));
}

function hash(label: string, octets: Uint8Array): Uint8Array {
  return new Uint8Array(
    createHash("sha256")
      .update(frame(ascii(label), octets))
      .digest(),
  );
}

function tagOf(ackKey: Uint8Array): Uint8Array {
  return hash("ropewalk mesh proof v1", ackKey).subarray(0, 8);
}

/** RFC 5869 §2, with a salt of zeros. */
function hkdf(secret: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const key = hmac(new Uint8Array(32), secret);
  const first = hmac(key, info, Uint8Array.of(1));
  return joined(first, hmac(key, first, info, Uint8Array.of(2))).slice(0, length);
}

function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.reduce((mac, part) => mac.update(part), createHmac("sha256", key)).digest());
}

function sealedUnder(key: Uint8Array, aad: Uint8Array, octets: Uint8Array): Uint8Array {
  const cipher = createCipheriv("chacha20-poly1305", key, new Uint8Array(12), { authTagLength: 16 });
  cipher.setAAD(aad, { plaintextLength: octets.length });
  const ciphertext = joined(cipher.update(octets), cipher.final());
  return joined(ciphertext, cipher.getAuthTag());
}

/** The vectors of docs/protocols/mesh-link.md: the code gives them, and so does what the text says, done by hand. */
import assert from "node:assert/strict";
import { createCipheriv, createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { signingKeyFromSeed } from "@ropewalk/crypto/signing-key";
import { joined } from "@ropewalk/kernel/bytes";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { createMeshCrypto } from "@ropewalk/mesh/mesh-identity";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import { decodeLeave, encodeLeave } from "@ropewalk/mesh/pure/wire/leave-frame";
import { one } from "./link-frames.ts";

interface Vectors {
  readonly frames: Readonly<Record<string, string>>;
  readonly sealing: Readonly<Record<"ephemeral" | "secret" | "key" | "plaintext" | "sealed", string>>;
}

const at = (name: string) => new URL(`../../../../../docs/protocols/${name}.md`, import.meta.url);
const jsonOf = (name: string) =>
  JSON.parse(/^```json\n([\s\S]*?)^```$/m.exec(readFileSync(at(name), "utf8"))?.[1] ?? "{}");
const vectors: Vectors = jsonOf("mesh-link");
const announce = Uint8Array.fromHex(jsonOf("mesh-announce").announces["3 hops"]);

const counting = (length: number, from = 0) => Uint8Array.from({ length }, (_, index) => from + index);
const ascii = (line: string) => new TextEncoder().encode(line);
const frames = { ...one, announce: { ...one.announce, announce } };

test("the code writes the frames of the specification, and reads them as what they say", () => {
  for (const [name, frame] of Object.entries(frames)) {
    assert.equal(encodeFrame(frame).toHex(), vectors.frames[name], name);
    assert.deepEqual(decodeFrame(Uint8Array.fromHex(vectors.frames[name] ?? "")), frame);
  }
  assert.deepEqual(Object.keys(vectors.frames), [...Object.keys(frames), "leave"]);
});

test("the last frame of a link says why it ends, and no node is given it", () => {
  assert.equal(encodeLeave("full").toHex(), "1001");
  const leave = Uint8Array.fromHex(vectors.frames["leave"] ?? "");
  assert.equal(decodeLeave(leave), "full");
  assert.equal(decodeFrame(leave), undefined);
  assert.equal(decodeLeave(Uint8Array.of(16, 2)), "other");
  for (const other of [[], [16], [16, 1, 0], [15, 1]]) assert.equal(decodeLeave(Uint8Array.from(other)), undefined);
});

test("the frames that the specification says, put together by hand, are the same", () => {
  const label = "00002a03";
  const [here, there] = [
    counting(16).toHex(),
    counting(16)
      .map((octet) => 255 - octet)
      .toHex(),
  ];
  const byHand = {
    hello: "01 01 01 02 00000007 000003e8",
    announce: `02 ${label} ${announce.toHex()}`,
    withdraw: `03 ${label} ffffff00`,
    request: `04 ${here} 00000007 000003e8 40`,
    packet: `05 ${label} 00000009 0c 02 ${ascii("sealed").toHex()}`,
    trace: `06 ${label} 00000009 0c 02 02 ${here} ${there} ${ascii("sealed").toHex()}`,
    status: "07 02 01 003d",
    ping: "08 0001020304050607",
    pong: "09 0001020304050607",
    answer: `0a 00000009 ${ascii("answered").toHex()}`,
    message: `0b ${label} 88 5a8c 0c ${counting(8, 0x10).toHex()} ${counting(41, 0x20).toHex()}`,
    proof: `0c ${counting(32).toHex()}`,
    deposit: `0d ${counting(8).toHex()} 88 5a8c 0c ${counting(8, 0x10).toHex()} ${counting(41, 0x20).toHex()}`,
    broadcast: `0f 43 0258 02 ${here} ${counting(31, 0x20).toHex()}`,
    meeting: "0e 04 00000087",
  };
  for (const [name, text] of Object.entries(byHand)) assert.equal(text.replaceAll(" ", ""), vectors.frames[name], name);
});

test("what is sealed in the specification opens, and is sealed the same way by hand", () => {
  const crypto = createMeshCrypto(signingKeyFromSeed("ed25519", new SecretBytes(counting(32))));
  const { sealing } = vectors;
  assert.equal(crypto.open(Uint8Array.fromHex(sealing.sealed))?.toHex(), sealing.plaintext);

  const ephemeral = x25519(Uint8Array.fromHex(sealing.ephemeral));
  const shown = new Uint8Array(createPublicKey(ephemeral).export({ format: "raw-public" }));
  // RFC 8032 §5.1.5, steps 1 and 2; X25519 clears and sets its bits itself.
  const ofIdentity = x25519(createHash("sha512").update(counting(32)).digest().subarray(0, 32));
  const secret = diffieHellman({ privateKey: ephemeral, publicKey: createPublicKey(ofIdentity) });
  assert.equal(secret.toString("hex"), sealing.secret);
  const extracted = hmac(ascii("ropewalk mesh seal v1"), secret);
  const key = hmac(extracted, framed(shown, crypto.publicKey), Uint8Array.of(1)).subarray(0, 32);
  assert.equal(key.toHex(), sealing.key);
  const plaintext = joined(Uint8Array.of(1), counting(16));
  assert.equal(plaintext.toHex(), sealing.plaintext);
  const cipher = createCipheriv("chacha20-poly1305", key, new Uint8Array(12), { authTagLength: 16 });
  const ciphertext = joined(cipher.update(plaintext), cipher.final());
  assert.equal(joined(shown, ciphertext, cipher.getAuthTag()).toHex(), sealing.sealed);
});

function x25519(key: Uint8Array) {
  return createPrivateKey({ key, format: "raw-private", asymmetricKeyType: "x25519" });
}

function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.reduce((mac, part) => mac.update(part), createHmac("sha384", key)).digest());
}

function framed(...parts: readonly Uint8Array[]): Uint8Array {
  return joined(...parts.flatMap((part) => [Uint8Array.of(0, 0, 0, part.length), part]));
}

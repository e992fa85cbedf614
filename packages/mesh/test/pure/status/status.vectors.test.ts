/** The vectors of docs/protocols/mesh-status.md: the code gives them, and so does what the text says, done by hand. */
import assert from "node:assert/strict";
import {
  createCipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
  sign,
} from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { signingKeyFromSeed } from "@ropewalk/crypto/signing-key";
import { joined } from "@ropewalk/kernel/bytes";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { seconds } from "@ropewalk/kernel/units";
import { createMessageCrypto } from "@ropewalk/mesh/message-crypto";
import { encodeStatus, type StatusRecord } from "@ropewalk/mesh/pure/status/status-record";
import { openStatus, sealStatus } from "@ropewalk/mesh/pure/status/status-sealing";
import { signStatusBy, verifyStatus } from "@ropewalk/mesh/status-crypto";

const text = readFileSync(new URL("../../../../../docs/protocols/mesh-status.md", import.meta.url), "utf8");
const vectors: Readonly<Record<"entry" | "record" | "sealed", string>> = JSON.parse(
  /^```json\n([\s\S]*?)^```$/m.exec(text)?.[1] ?? "{}",
);
const counting = (from = 0) => Uint8Array.from({ length: 32 }, (_, index) => from + index);
const ascii = (line: string) => new TextEncoder().encode(line);

const key = signingKeyFromSeed("ed25519", new SecretBytes(counting()));
const messages = createMessageCrypto(key);
const restored = (first: number) => messages.restore(counting(first)) ?? assert.fail();
const crypto = { ...messages, generate: () => restored(0x60), signStatus: signStatusBy(key), verifyStatus };
const record: StatusRecord = {
  ...{ key: messages.publicKey, epoch: 7, sequence: 1_000, made: 1_577_836_800 + 0x0c0d0e0f },
  ...{ runningFor: seconds(86_400), kind: "open", online: "offline", neighbours: 3, known: 40, reachable: 38 },
  ...{ inbox: 2, outbox: 5, custody: 17, version: "0.1.0" },
};

test("the code writes, seals and opens status records as the specification says", () => {
  const entry = restored(0x20);
  const sealed = sealStatus(crypto, entry.publicKey, record) ?? assert.fail();
  const made = { entry: entry.publicKey, record: encodeStatus(record), sealed };
  assert.deepEqual(Object.fromEntries(Object.entries(made).map(([name, octets]) => [name, octets.toHex()])), vectors);
  assert.deepEqual(openStatus(crypto, entry, Uint8Array.fromHex(vectors.sealed)), { kind: "opened", record });
});

test("what the specification says, done by hand, gives the same", () => {
  const identity = createPrivateKey({ key: counting(), format: "raw-private", asymmetricKeyType: "ed25519" });
  const [entry, ephemeral] = [0x20, 0x60].map((first) =>
    createPrivateKey({ key: counting(first), format: "raw-private", asymmetricKeyType: "x25519" }),
  );
  assert.ok(entry !== undefined && ephemeral !== undefined);
  const tail = `00000007 000003e8 0c0d0e0f 00015180 01 01 0003 00000028 00000026 00000002 00000005 00000011`;
  const version = `${Buffer.from("0.1.0").toString("hex")}${"00".repeat(11)}`;
  const octets = Uint8Array.fromHex(`${publicOf(identity).toHex()}${tail.replaceAll(" ", "")}${version}`);
  assert.equal(octets.toHex(), vectors.record);
  const [to, by] = [publicOf(entry), publicOf(ephemeral)];
  const signature = sign(null, frame(ascii("ropewalk mesh status v1"), joined(to, by, octets)), identity);
  const secret = diffieHellman({ privateKey: ephemeral, publicKey: createPublicKey(entry) });
  const info = frame(ascii("ropewalk mesh status seal v1"), by, to);
  const sealKey = new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(32), info, 32));
  const head = joined(Uint8Array.of(1), by);
  const cipher = createCipheriv("chacha20-poly1305", sealKey, new Uint8Array(12), { authTagLength: 16 });
  const plaintext = joined(octets, signature);
  cipher.setAAD(head, { plaintextLength: plaintext.length });
  const sealed = joined(head, cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
  assert.equal(sealed.toHex(), vectors.sealed);
});

function publicOf(privateKey: KeyObject): Uint8Array {
  return new Uint8Array(createPublicKey(privateKey).export({ format: "raw-public" }));
}

function frame(...parts: readonly Uint8Array[]): Uint8Array {
  return joined(...parts.flatMap((part) => [Uint8Array.of(0, 0, 0, part.length), part]));
}

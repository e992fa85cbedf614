/** The vectors of docs/protocols/mesh-announce.md: the code gives them, and so does what the text says, done by hand. */
import assert from "node:assert/strict";
import { createHash, createHmac, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { signingKeyFromSeed } from "@ropewalk/crypto/signing-key";
import { joined } from "@ropewalk/kernel/bytes";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { seconds } from "@ropewalk/kernel/units";
import { createMeshCrypto } from "@ropewalk/mesh/mesh-identity";
import { type AnnounceContent, capability } from "@ropewalk/mesh/pure/wire/announce";
import { judgeAnnounce, makeAnnounce } from "@ropewalk/mesh/pure/wire/announce-proof";
import { anchor, furtherLink } from "@ropewalk/mesh/pure/wire/hop-chain";
import { identity } from "./announces.ts";

interface Vectors {
  readonly key: string;
  readonly address: string;
  readonly links: Readonly<Record<"0" | "1" | "3" | "anchor", string>>;
  readonly announces: Readonly<Record<"0 hops" | "3 hops" | "0 hops, with a prekey" | "0 hops, a renewal", string>>;
}

const text = readFileSync(new URL("../../../../../docs/protocols/mesh-announce.md", import.meta.url), "utf8");
const vectors: Vectors = JSON.parse(/^```json\n([\s\S]*?)^```$/m.exec(text)?.[1] ?? "{}");

const counting = (length: number, from = 0) => Uint8Array.from({ length }, (_, index) => from + index);
const ascii = (line: string) => new TextEncoder().encode(line);

/** What the document gives. */
const seed = counting(32);
const prekey = counting(32, 0x40);
const content: AnnounceContent = {
  capabilities: capability.relay | capability.store | capability.fappRelay,
  epoch: 7,
  sequence: 1_000,
  maxHops: 64,
  lifetime: seconds(1_800),
  isRenewal: false,
  keyPackageHash: counting(8, 0xa0),
  prekey: undefined,
};

function made(): Vectors {
  const crypto = createMeshCrypto(signingKeyFromSeed("ed25519", new SecretBytes(seed.slice())));
  const announce = makeAnnounce(crypto, content);
  const link = (steps: number) => furtherLink(announce, announce.chain, steps);
  return {
    key: crypto.publicKey.toHex(),
    address: crypto.address,
    links: { 0: link(0).toHex(), 1: link(1).toHex(), 3: link(3).toHex(), anchor: anchor(announce).toHex() },
    announces: {
      "0 hops": announce.octets.toHex(),
      "3 hops": announce.relayed(3, link(3)).toHex(),
      "0 hops, with a prekey": makeAnnounce(crypto, { ...content, prekey }).octets.toHex(),
      "0 hops, a renewal": makeAnnounce(crypto, { ...content, isRenewal: true }).octets.toHex(),
    },
  };
}

test("the code gives the vectors of the specification", () => {
  assert.deepEqual(made(), vectors);
});

test("the announces of the specification are proved", () => {
  for (const octets of Object.values(vectors.announces))
    assert.equal(judgeAnnounce(identity(9), Uint8Array.fromHex(octets)).kind, "proved");
});

test("what the specification says, done by hand, gives the same", () => {
  const privateKey = createPrivateKey({ key: seed, format: "raw-private", asymmetricKeyType: "ed25519" });
  const key = new Uint8Array(createPublicKey(privateKey).export({ format: "raw-public" }));
  assert.equal(key.toHex(), vectors.key);
  assert.equal(sha256(key).subarray(0, 16).toHex(), vectors.address);

  const numbers = Uint8Array.of(0, 0, 0, 7, 0, 0, 3, 0xe8);
  const label = ascii("ropewalk mesh hop chain v1");
  const secret = hmac(label, seed);
  const links = [hmac(secret, framed(label, numbers), Uint8Array.of(1)).subarray(0, 12)];
  for (let hop = 1; hop <= 64; hop += 1)
    links.push(sha256(joined(links[hop - 1] ?? assert.fail(), key, numbers)).subarray(0, 12));
  const link = (hop: number) => links[hop] ?? assert.fail();
  assert.deepEqual(
    [link(0), link(1), link(3), link(64)].map((octets) => octets.toHex()),
    [...[vectors.links[0], vectors.links[1], vectors.links[3], vectors.links.anchor]],
  );

  const announced = (flags: number, prekeys: readonly Uint8Array[], hops: number) => {
    const before = Uint8Array.of(0x10 | flags, 0x02, 0x03, ...numbers, 64, 0x07, 0x08, ...counting(8, 0xa0));
    const signed = joined(before, key, ...prekeys);
    const message = framed(ascii("ropewalk mesh announce v1"), joined(signed, link(64)));
    const signature = new Uint8Array(sign(null, message, privateKey));
    return joined(signed, signature, Uint8Array.of(hops), link(hops)).toHex();
  };
  assert.equal(announced(0, [], 0), vectors.announces["0 hops"]);
  assert.equal(announced(0, [], 3), vectors.announces["3 hops"]);
  assert.equal(announced(1, [prekey], 0), vectors.announces["0 hops, with a prekey"]);
  assert.equal(announced(2, [], 0), vectors.announces["0 hops, a renewal"]);
});

function sha256(octets: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(octets).digest());
}

function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.reduce((mac, part) => mac.update(part), createHmac("sha384", key)).digest());
}

function framed(...parts: readonly Uint8Array[]): Uint8Array {
  return joined(...parts.flatMap((part) => [Uint8Array.of(0, 0, 0, part.length), part]));
}

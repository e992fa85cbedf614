/** The file of a node's identity: what is written is what is read, and nothing else passes for it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { generateSigningKey, signingKeyFromSeed } from "@ropewalk/crypto/signing-key";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import {
  readIdentityFacts,
  readIdentityFile,
  readPassphraseFile,
  writeIdentityFile,
} from "@ropewalk/mesh/io/identity-file";

const root = mkdtempSync(join(tmpdir(), "ropewalk-identity-"));
after(() => rmSync(root, { recursive: true }));
let path = "";
beforeEach(() => {
  path = join(mkdtempSync(join(root, "case-")), "mesh.key");
});

const refuse = { whenThere: "refuse" } as const;
const secret = (text: string) => new SecretBytes(new TextEncoder().encode(text));
/** RFC 8032 §7.1, test 1. */
const known = {
  seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
  publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
};
const knownKey = () => signingKeyFromSeed("ed25519", new SecretBytes(Uint8Array.fromHex(known.seed)));

function written(text: string | Uint8Array, mode = 0o600): string {
  writeFileSync(path, text, { mode });
  return path;
}

test("a key comes back as it was written, its file is its owner's alone, and nothing lies beside it", () => {
  const key = generateSigningKey("ed25519");
  writeIdentityFile(path, key, refuse);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(path, "..")), ["mesh.key"]);
  assert.ok(readIdentityFile(path).verifyingKey.equals(key.verifyingKey));
});

test("OpenSSL reads what is written, and what OpenSSL writes is read", () => {
  writeIdentityFile(path, knownKey(), refuse);
  const shown = execFileSync("openssl", ["pkey", "-in", path, "-noout", "-text_pub"], { encoding: "utf8" });
  assert.equal(shown.replaceAll(/[\s:]/g, "").match(/[0-9a-f]{64}$/)?.[0], known.publicKey);
  const other = join(path, "../openssl.key");
  execFileSync("openssl", ["genpkey", "-algorithm", "ed25519", "-out", other]);
  chmodSync(other, 0o600);
  assert.equal(readIdentityFile(other).algorithm, "ed25519");
});

test("the address is the beginning of the SHA-256 of the public key", () => {
  writeIdentityFile(path, knownKey(), refuse);
  const { address, publicKey, isSealed } = readIdentityFacts(path);
  assert.equal(publicKey.toHex(), known.publicKey);
  const hash = createHash("sha256").update(Buffer.from(known.publicKey, "hex")).digest("hex");
  assert.equal(address, hash.slice(0, 32));
  assert.equal(isSealed, false);
});

test("a seed of 64 hexadecimal digits is a key too", () => {
  assert.equal(
    readIdentityFile(written(`${known.seed}\n`))
      .verifyingKey.raw()
      .toHex(),
    known.publicKey,
  );
});

test("a sealed key opens by its passphrase alone, tells whose it is without, and says nothing of its seed", () => {
  writeIdentityFile(path, knownKey(), { ...refuse, passphrase: secret("four words of mine") });
  assert.doesNotMatch(readFileSync(path, "utf8"), /BEGIN PRIVATE KEY/);
  assert.equal(
    Buffer.from(readFileSync(path, "utf8").split("\n").slice(1, -2).join(""), "base64").indexOf(known.seed, 0, "hex"),
    -1,
  );
  assert.deepEqual(
    { ...readIdentityFacts(path), address: "" },
    {
      address: "",
      publicKey: Uint8Array.fromHex(known.publicKey),
      isSealed: true,
    },
  );
  assert.equal(readIdentityFile(path, secret("four words of mine")).verifyingKey.raw().toHex(), known.publicKey);
  assert.throws(() => readIdentityFile(path, secret("four words of yours")), {
    code: "MESH_IDENTITY",
    message: `${path}: it was sealed with another passphrase, or is damaged`,
  });
  assert.throws(() => readIdentityFile(path), { code: "MESH_IDENTITY", message: /sealed with a passphrase; give/ });
});

test("a sealed key of which any octet was changed does not open, and two files of one key have nothing in common", () => {
  const passphrase = secret("x");
  writeIdentityFile(path, knownKey(), { ...refuse, passphrase });
  const [begin = "", ...lines] = readFileSync(path, "utf8").trim().split("\n");
  const end = lines.pop() ?? "";
  const octets = Buffer.from(lines.join(""), "base64");
  // One of the salt, the ciphertext and the tag; the version, the cost and the key are looked at before.
  for (const at of [0, 1, 5, 20, 60, octets.length - 1]) {
    const changed = Buffer.from(octets);
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    writeFileSync(path, [begin, changed.toString("base64"), end, ""].join("\n"));
    assert.throws(() => readIdentityFile(path, passphrase), { code: "MESH_IDENTITY" }, `octet ${at}`);
  }
  writeIdentityFile(path, knownKey(), { whenThere: "overwrite", passphrase });
  const again = Buffer.from(readFileSync(path, "utf8").trim().split("\n").slice(1, -1).join(""), "base64");
  assert.notEqual(again.subarray(2, 18).toString("hex"), octets.subarray(2, 18).toString("hex"));
  assert.notEqual(again.subarray(50).toString("hex"), octets.subarray(50).toString("hex"));
});

test("a file that others may read is refused before anything of it is used", () => {
  writeIdentityFile(path, knownKey(), refuse);
  for (const mode of [0o640, 0o604, 0o660]) {
    chmodSync(path, mode);
    assert.throws(() => readIdentityFile(path), { code: "OPS_FILE_EXPOSED" });
    assert.throws(() => readPassphraseFile(path), { code: "OPS_FILE_EXPOSED" });
  }
});

test("what is no identity is named: nothing, a cut file, another kind of key, two identities, another thing altogether", () => {
  const rsa = execFileSync("openssl", ["genpkey", "-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:1024"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const curve = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
  const p256 = execFileSync("openssl", curve, { stdio: ["ignore", "pipe", "ignore"] });
  writeIdentityFile(path, knownKey(), refuse);
  const whole = readFileSync(path, "utf8");
  const faults: readonly (readonly [string | Uint8Array, RegExp])[] = [
    [whole.slice(0, 60), /cut short/],
    [whole + whole, /holds 2 private keys/],
    [rsa, /what is accepted is/],
    [p256, /the key is of prime256v1; what is accepted is ed25519$/],
    ["hello", /neither PEM nor DER/],
    [known.seed.slice(2), /neither PEM nor DER/],
    ["-----BEGIN ROPEWALK SEALED MESH IDENTITY-----\nAQ==\n-----END ROPEWALK SEALED MESH IDENTITY-----\n", /damaged/],
  ];
  for (const [text, message] of faults)
    assert.throws(() => readIdentityFile(written(text)), { code: "MESH_IDENTITY", message });
  assert.throws(() => readIdentityFile(written("")), { code: "OPS_FILE_EMPTY" });
  assert.throws(() => readIdentityFile(join(path, "../none")), { code: "OPS_FILE_MISSING" });
});

test("an identity that is there is not overwritten unasked", () => {
  writeIdentityFile(path, knownKey(), refuse);
  assert.throws(() => writeIdentityFile(path, generateSigningKey("ed25519"), refuse), { code: "OPS_FILE_EXISTS" });
  assert.equal(readIdentityFacts(path).publicKey.toHex(), known.publicKey);
});

test("a passphrase is the first line of its file, and must be there", () => {
  assert.equal(new TextDecoder().decode(readPassphraseFile(written("one two \r\nthree\n")).reveal()), "one two ");
  assert.throws(() => readPassphraseFile(written("\nsecond")), { code: "MESH_IDENTITY" });
});

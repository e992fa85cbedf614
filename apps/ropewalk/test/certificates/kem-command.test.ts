/** `--out-kem-key`: a McEliece key is made with progress, pinned, and goes through a request as well. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readKemKey } from "@ropewalk/crypto/certificates/kem-key-file";
import { typed } from "./typed.ts";

const folder = mkdtempSync(join(tmpdir(), "ropewalk-kem-"));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

test("the key is pinned in the request and in what is signed for it, and read again it is the pinned one", async () => {
  const words = [
    "--name",
    "boat",
    "--dns",
    "boat.example",
    "--out-csr",
    at("boat.csr"),
    "--out-key",
    at("boat.key"),
    "--out-kem-key",
    at("boat.kem"),
    "--algorithm",
    "ed25519",
  ];
  const asked = await typed(["cert", "csr", ...words, "--json"]);
  assert.equal(asked.status, 0, asked.stderr);
  assert.match(asked.stderr, /^making a Classic McEliece key/);
  assert.equal(statSync(at("boat.kem")).mode & 0o777, 0o600);
  using pair = readKemKey(readFileSync(at("boat.kem")));
  const pin = pair.publicKey.sha384.toHex();
  assert.equal(JSON.parse(asked.stdout).made.kemPin, pin);
  await typed([
    "cert",
    "ca",
    "--name",
    "CA",
    "--out-cert",
    at("ca.crt"),
    "--out-key",
    at("ca.key"),
    "--algorithm",
    "ed25519",
  ]);
  const ca = ["--ca-cert", at("ca.crt"), "--ca-key", at("ca.key")];
  const signed = await typed([
    "cert",
    "sign",
    at("boat.csr"),
    "--role",
    "client",
    "--dns",
    "b.example",
    ...ca,
    "--out-cert",
    at("boat.crt"),
    "--json",
  ]);
  assert.equal(signed.status, 0, signed.stderr);
  assert.equal(JSON.parse(signed.stdout).made.kemPin, pin);
  const shown = await typed(["cert", "show", at("boat.kem")]);
  assert.deepEqual([shown.status, shown.stdout], [1, ""]);
});

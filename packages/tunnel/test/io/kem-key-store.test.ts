/** Keys of peers on disk: found by their hash, bounded, and never believed. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { McEliecePublicKey, mcElieceLengths } from "@ropewalk/crypto/mceliece/keys";
import { KemKeyStore } from "@ropewalk/tunnel/io/kem-key-store";
import { IdentityFolder } from "../throw-away-authority.ts";

/** Any octets are a public key. */
function keyOf(number: number): McEliecePublicKey {
  return new McEliecePublicKey(new Uint8Array(mcElieceLengths.publicKey).fill(number));
}

function openStore(path: string, most = 4) {
  let wall = 1_800_000_000_000;
  const faults: string[] = [];
  const folder = join(path, "kem-keys");
  const deps = { wall: () => (wall += 1000), onFault: (reason: string) => void faults.push(reason) };
  return { folder, faults, store: new KemKeyStore({ folder, most }, deps) };
}

test("a key that was kept is found again by another store, in a folder and a file that only their owner can read", () => {
  using place = new IdentityFolder();
  openStore(place.path).store.keep(keyOf(1));
  const { store, folder, faults } = openStore(place.path);
  assert.deepEqual(store.find(keyOf(1).sha384)?.raw(), keyOf(1).raw());
  assert.equal(store.find(keyOf(2).sha384), undefined);
  const [file = ""] = readdirSync(folder);
  assert.deepEqual([statSync(folder).mode & 0o777, statSync(join(folder, file)).mode & 0o777], [0o700, 0o600]);
  assert.deepEqual(faults, []);
});

test("a file that is damaged or cut is said, thrown away and never used", () => {
  using place = new IdentityFolder();
  const { store, folder, faults } = openStore(place.path);
  const spoilers = [(path: string) => truncateSync(path, 100), (path: string) => writeFileSync(path, keyOf(9).raw())];
  for (const spoil of spoilers) {
    store.keep(keyOf(1));
    const path = join(folder, readdirSync(folder)[0] ?? "");
    spoil(path);
    assert.equal(store.find(keyOf(1).sha384), undefined);
    assert.equal(existsSync(path), false);
  }
  assert.equal(faults.length, 2);
  for (const fault of faults) assert.match(fault, /is of no use and is fetched again/);
});

test("of more keys than may be kept, the one that was used the longest ago goes", () => {
  using place = new IdentityFolder();
  const { store } = openStore(place.path, 2);
  store.keep(keyOf(1));
  store.keep(keyOf(2));
  // A file has the time of the machine when it is written, and that of the store when it is used.
  assert(store.find(keyOf(2).sha384) && store.find(keyOf(1).sha384));
  store.keep(keyOf(3));
  const found = [1, 2, 3].map((number) => store.find(keyOf(number).sha384) !== undefined);
  assert.deepEqual(found, [true, false, true]);
});

test("where nothing can be kept, that is said and nothing fails", () => {
  using place = new IdentityFolder();
  const file = place.put("kem-keys", "in the way");
  const { store, faults } = openStore(place.path);
  store.keep(keyOf(1));
  assert.equal(store.find(keyOf(1).sha384), undefined);
  assert(faults.some((fault) => fault.includes("cannot be kept")) && existsSync(file), faults.join());
});

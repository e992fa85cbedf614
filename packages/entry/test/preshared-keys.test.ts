/** Preshared keys of placements, against HKDF-SHA256 (RFC 5869) as another program computes it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PresharedKeys } from "@ropewalk/entry/preshared-keys";
import type { PlacementId } from "@ropewalk/entry/pure/vpn-placement";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";

const secret = (octet: number) => new SecretBytes(new Uint8Array(32).fill(octet));
const placement = "0b1c1b7e-6a43-4d4e-9d4b-52a1a7c3d001" as PlacementId;

test("the key of a placement follows from the secret and the placement's id, as the protocol says", () => {
  const key = "348218fbcd5eb6a0fcbd70481b5b2fda43705df0b22e69cbc0e80d5d273ad30d";
  assert.equal(new PresharedKeys(secret(7)).of(placement).toHex(), key);
});

test("another placement has another key, and so has the same one under another secret", () => {
  const keys = new PresharedKeys(secret(7));
  const other = "0b1c1b7e-6a43-4d4e-9d4b-52a1a7c3d002" as PlacementId;
  assert.notDeepEqual(keys.of(placement), keys.of(other));
  assert.notDeepEqual(keys.of(placement), new PresharedKeys(secret(8)).of(placement));
});

test("the fingerprint tells two secrets apart, and is no key", () => {
  const keys = new PresharedKeys(secret(7));
  const fingerprint = "b8366857f7eb0bd4467e0c07b086aff993bfde897b1b41a1f6b9f152470bc452";
  assert.equal(keys.fingerprint.toHex(), fingerprint);
  assert.notDeepEqual(keys.fingerprint, new PresharedKeys(secret(8)).fingerprint);
  assert.notDeepEqual(keys.fingerprint, keys.of("" as PlacementId));
});

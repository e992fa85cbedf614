import assert from "node:assert/strict";
import { test } from "node:test";
import {
  parseWireGuardPublicKey,
  wireGuardPublicKeyBytes,
  wireGuardPublicKeyFromBytes,
} from "@ropewalk/host/wireguard/public-key";
import fc from "fast-check";

test("32 octets and their text stand for each other", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (octets) => {
      const key = wireGuardPublicKeyFromBytes(octets);
      assert.deepEqual(wireGuardPublicKeyBytes(key), octets);
      if (octets.some((octet) => octet !== 0)) assert.equal(parseWireGuardPublicKey(key), key);
    }),
  );
});

test("what is no key, a key in another spelling, and zero are refused", () => {
  const good = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
  assert.equal(parseWireGuardPublicKey(good), good);
  const bad = [
    ...["", "=", good.slice(1), `${good}\n`, ` ${good}`, `${good}=`, good.replace("=", ""), good.replace("x", "-")],
    // The last digit has two bits that no octet holds.
    ...[
      good.replace("8Dg=", "8Dh="),
      `${"A".repeat(43)}=`,
      "c53201039adba14be71f886da1d8dbe9eebded08cb111b75340078999aa9f038",
    ],
  ];
  for (const text of bad) assert.equal(parseWireGuardPublicKey(text), undefined, text);
});

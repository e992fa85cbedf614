import assert from "node:assert/strict";
import { test } from "node:test";
import { format, inspect } from "node:util";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";

test("secret octets show as [secret] wherever they are printed", () => {
  const secret = new SecretBytes(Uint8Array.of(0xca, 0xfe));
  const shown = [
    String(secret),
    `${secret}`,
    inspect(secret),
    format("%s", secret),
    inspect({ secret }),
    inspect([secret]),
  ];
  for (const text of [...shown, JSON.stringify({ secret }), inspect(secret, { showHidden: true, depth: 9 })]) {
    assert.match(text, /\[secret\]/);
    assert.doesNotMatch(text, /202|ca|fe/);
  }
});

test("only who asks gets the octets", () => {
  const secret = new SecretBytes(Uint8Array.of(1, 2));
  assert.deepEqual(secret.reveal(), Uint8Array.of(1, 2));
  assert.equal(secret.length, 2);
});

test("erased octets are zero in the array that was handed over, and are never used as a key of zeros", () => {
  const octets = Uint8Array.of(1, 2);
  {
    using secret = new SecretBytes(octets);
    assert.equal(secret.reveal(), octets);
  }
  assert.deepEqual(octets, Uint8Array.of(0, 0));
  const secret = new SecretBytes(Uint8Array.of(1));
  secret.erase();
  assert.throws(() => secret.reveal(), { code: "INTERNAL" });
});

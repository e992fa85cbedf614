/** Keys that nobody guesses: of admins, of tokens, of changes and of devices. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readChangeKey } from "@ropewalk/entry/pure/http/change-key";
import { readDeviceKey } from "@ropewalk/entry/pure/http/device-key";
import { weakness } from "@ropewalk/entry/pure/http/secret-strength";
import { readTokenKeys } from "@ropewalk/entry/pure/http/token-keys";
import fc from "fast-check";

const octets32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

test("32 octets that were drawn are strong in every writing, and their like that is shorter is not", () => {
  const drawn = Uint8Array.fromHex("9f3c1e5ab2784d60f19e27c86b5a04d3e1827f6c90ab35d4c78e12f05b6a943d");
  for (const text of [drawn.toBase64(), drawn.toHex(), drawn.toBase64({ alphabet: "base64url", omitPadding: true })])
    assert.equal(weakness(text), undefined, text);
  for (const text of [
    "",
    "changeme",
    drawn.toHex().slice(2),
    drawn.toBase64().slice(0, 40),
    "ab".repeat(40),
    "ö".repeat(50),
  ])
    assert.notEqual(weakness(text), undefined, text);
});

test("keys of tokens are read with their ids, the first signs unless another is named, and no reason shows a secret", () => {
  const [one, other] = [
    "Zm9yIHRoZSB0ZXN0IG9ubHksIG5vdCBhIHNlY3JldCBrZXk",
    "YW5vdGhlciBvbmUgZm9yIHRoZSB0ZXN0LCBub3Qgc2VjcmV0",
  ];
  const both = readTokenKeys(`a:${one}, b:${other}\n`, undefined);
  assert.ok(both.kind === "keys");
  assert.deepEqual([both.keys.active.id, both.keys.all.length], ["a", 2]);
  const second = readTokenKeys(`a:${one},b:${other}`, "b");
  assert.equal(second.kind === "keys" && second.keys.active.id, "b");
  for (const [text, active] of [
    ["", undefined],
    ["a:changeme", undefined],
    [one, undefined],
    [`a:${one},a:${other}`, undefined],
    [`a:${one},b:${one}`, undefined],
    [`a:${one}`, "b"],
  ] as const) {
    const read = readTokenKeys(text, active);
    assert.ok(read.kind === "fault", text);
    assert.ok(!read.reason.includes(one) && !read.reason.includes("changeme"));
  }
});

test("a change's key has 128 bits at least, in quotes or without", () => {
  const key = "b1946ac92492d2347c6235b4d2611184";
  assert.deepEqual(readChangeKey(key), { kind: "key", key });
  assert.deepEqual(readChangeKey(`"${key}"`), { kind: "key", key });
  const uuid = "0f8fad5b-d9cb-469f-a165-70867728950e";
  for (const text of [undefined, "", [key, key], key.slice(1), uuid, "a".repeat(32), `${key} `, key.repeat(5)])
    assert.equal(readChangeKey(text).kind, "fault", String(text));
});

test("a change's key has eight different characters or more, wherever they are", () => {
  const few = fc.array(fc.constantFrom(..."ab1-Z_x9Q"), { minLength: 32, maxLength: 128 });
  fc.assert(
    fc.property(few, (characters) => {
      const isKey = readChangeKey(characters.join("")).kind === "key";
      assert.equal(isKey, new Set(characters).size >= 8);
    }),
  );
  const six = "abcdef".repeat(5);
  assert.deepEqual(
    [`${six}gg`, `${six}gh`].map((key) => readChangeKey(key).kind),
    ["fault", "key"],
  );
});

test("a device's key has one spelling: canonical base64 of a canonical point that is not of small order", () => {
  fc.assert(
    fc.property(octets32, (octets) => {
      const read = readDeviceKey(octets.toBase64());
      const isBelow = (octets[31] as number) < 0x7f && octets.some((octet) => octet > 1);
      if (isBelow) assert.ok(read.kind === "key" && read.octets.toHex() === octets.toHex());
      if ((octets[31] as number) > 0x7f) assert.equal(read.kind, "fault");
    }),
  );
  const ofHex = (hex: string) => readDeviceKey(Uint8Array.fromHex(hex).toBase64()).kind;
  assert.equal(ofHex(`09${"00".repeat(31)}`), "key");
  for (const hex of [
    "00".repeat(32),
    `01${"00".repeat(31)}`,
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    `ed${"ff".repeat(30)}7f`,
    `f6${"ff".repeat(30)}7f`,
    `09${"00".repeat(30)}80`,
  ])
    assert.equal(ofHex(hex), "fault", hex);
  const key = Uint8Array.fromHex(`09${"00".repeat(31)}`).toBase64();
  for (const text of ["", key.slice(1), `${key}=`, key.replace("A=", "B="), ` ${key}`, key.replace("A", "_")])
    assert.equal(readDeviceKey(text).kind, "fault", text);
});

test("no text makes a reader of keys throw", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      for (const read of [weakness, readChangeKey, readDeviceKey]) read(text);
      readTokenKeys(text, text);
    }),
  );
});

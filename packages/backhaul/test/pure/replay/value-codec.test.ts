import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeValue, encodeValue } from "@ropewalk/backhaul/pure/replay/value-codec";
import { InternalError } from "@ropewalk/kernel/errors";
import fc from "fast-check";
import { plainValues } from "./plain-values.ts";

function decoded(text: string): unknown {
  const result = decodeValue(text);
  assert.ok(result.kind === "value", `${text}: ${result.kind === "malformed" ? result.reason : ""}`);
  return result.value;
}

test("a value comes back as it was, and has the same text again", () => {
  fc.assert(
    fc.property(plainValues, (value) => {
      const text = encodeValue(value);
      const back = decoded(text);
      assert.deepStrictEqual(back, value);
      assert.equal(encodeValue(back), text);
    }),
    { numRuns: 5_000 },
  );
});

test("the notation is as its document says", () => {
  const value = {
    links: new Map([[2, { mac: undefined, at: -0 }]]),
    polled: new Set([2, 3]),
    name: "$map",
    rest: [null, true, 1e21, Number.NaN],
  };
  assert.equal(
    encodeValue(value),
    '{"links":["$map",[2,{"mac":"$undefined","at":"$-0"}]],"polled":["$set",2,3],"name":"$$map","rest":[null,true,1e+21,"$NaN"]}',
  );
});

test("a key that JSON would write with an escape is refused both ways, whatever keys were read before", () => {
  for (const text of ['{"a":1,"\\\\":1}', '{"a":1,"\\"":1}', '{"a":1,"\\u000a":1}', '{"a":1,"\\ud800":1}']) {
    const result = decodeValue(text);
    assert.ok(result.kind === "malformed", text);
    assert.match(result.reason, /is no name/);
  }
  for (const key of ["\\", '"', "\n", "\ud800"]) assert.throws(() => encodeValue({ a: 1, [key]: 1 }), InternalError);
});

test("an absent property and one that is undefined are two values", () => {
  assert.notEqual(encodeValue({ a: undefined }), encodeValue({}));
  assert.deepEqual(Object.keys(decoded('{"a":"$undefined"}') as object), ["a"]);
});

test("a text that another text stands for is refused", () => {
  for (const text of [
    "1.0",
    " 1",
    '"\\u0041"',
    '{"a":1,"a":2}',
    '["$map",[1,2],[1,3]]',
    '["$set",1,1]',
    '{"2":0,"1":0}',
  ]) {
    assert.equal(decodeValue(text).kind, "malformed", text);
  }
});

test("what is no value of the notation is refused with the reason", () => {
  const reasons: readonly (readonly [string, RegExp])[] = [
    ["", /not JSON/],
    ["[1", /not JSON/],
    ['"$bogus"', /no word of this notation/],
    ['["$map",1]', /not a pair/],
    ['["$map",[1,2,3]]', /not a pair/],
    [`${"[".repeat(65)}${"]".repeat(65)}`, /nested deeper/],
    [`${"[".repeat(200_000)}${"]".repeat(200_000)}`, /nested deeper/],
  ];
  for (const [text, reason] of reasons) {
    const result = decodeValue(text);
    assert.ok(result.kind === "malformed", text);
    assert.match(result.reason, reason);
  }
});

test("any text gives a value or a reason, and a value's text is the one it was read from", () => {
  const fragments = fc.constantFrom(
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    '"$',
    '"',
    "map",
    "set",
    "1",
    "-0",
    "e",
    "null",
    "\\",
  );
  fc.assert(
    fc.property(
      fc.array(fragments).map((parts) => parts.join("")),
      (text) => {
        const result = decodeValue(text);
        if (result.kind === "value") assert.equal(encodeValue(result.value), text);
      },
    ),
    { numRuns: 5_000 },
  );
});

test("what is no plain value cannot be recorded", () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  for (const value of [() => {}, Symbol("a"), 1n, new Date(0), new Uint8Array(1), new URL("http://a"), circle]) {
    assert.throws(() => encodeValue(value), { code: "INTERNAL" });
    assert.throws(() => encodeValue({ inside: [value] }), { code: "INTERNAL" });
  }
});

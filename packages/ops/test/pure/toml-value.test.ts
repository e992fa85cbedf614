/** Values as TOML. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parse } from "smol-toml";
import { tomlValue } from "../../src/pure/toml-value.ts";

test("what is written is read back as the same value", () => {
  const key = fc.string({ unit: "binary" }).filter((text) => text.isWellFormed());
  const value = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      key,
      fc.double(),
      fc.boolean(),
      fc.array(tie("value")),
      fc.dictionary(key, tie("value"), { noNullPrototype: true }),
    ),
  })).value;
  fc.assert(
    fc.property(value, (given) => {
      const read = parse(`v = ${tomlValue(given)}`)["v"];
      assert.deepEqual(plain(read), plain(given));
    }),
  );
});

/** TOML has one zero for integers, and the parser's tables have no prototype. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "number") return value + 0;
  if (typeof value !== "object" || value === null) return value;
  return new Map(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

test("a control character that JSON leaves alone is escaped in keys as in values", () => {
  assert.equal(tomlValue({ "a\u007f": "\u007f" }), '{ "a\\u007f" = "\\u007f" }');
});

test("dates are written as TOML's own, and what TOML lacks as text", () => {
  assert.equal(tomlValue(new Date(0)), "1970-01-01T00:00:00.000Z");
  assert.equal(tomlValue(undefined), '"undefined"');
});

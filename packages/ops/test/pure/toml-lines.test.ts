/** Which line sets which key. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { stringify } from "smol-toml";
import { formatPath } from "../../src/pure/config-path.ts";
import { lineOf, tomlLines } from "../../src/pure/toml-lines.ts";

test("tables, lists of tables, dotted and quoted keys, long values and comments are followed", () => {
  const text = `# a comment with [brackets] and = signs
title = "x" # [not.a.table]
a.b.c = 1

[site]
names = [
  "one", # ]
  "two",
]
text = """
[fake]
key = 1
\\""" still text"""
literal = '''
x = 'y'
'''
after = 1
[[site.uplink]]
name = "eth0"
[site.uplink.probe]
on = true
[[site.uplink]]
"a name" = 1
'it''s' = 2
inline = { k = 1, "]" = "}" }
`.replace("'it''s'", "'its'");
  const lines = tomlLines(text);
  const expected = {
    title: 2,
    "a.b.c": 3,
    site: 5,
    "site.names": 6,
    "site.text": 10,
    "site.literal": 14,
    "site.after": 17,
    "site.uplink[0].name": 19,
    "site.uplink[0].probe.on": 21,
    "site.uplink[1]": 22,
    'site.uplink[1]."a name"': 23,
    "site.uplink[1].its": 24,
    "site.uplink[1].inline": 25,
  };
  for (const [path, line] of Object.entries(expected)) assert.equal(lines.get(path), line, path);
  assert.equal(lines.has("site.key"), false);
});

test("a path that the text does not set is placed at the nearest table above it", () => {
  const lines = tomlLines("[a]\nb = { c = 1 }\n");
  assert.equal(lineOf(lines, ["a", "b", "c"]), 2);
  assert.equal(lineOf(lines, ["a", "x", "y"]), 1);
  assert.equal(lineOf(lines, ["z"]), undefined);
});

test("the line of each key of any document is one that holds the key", () => {
  const key = fc.stringMatching(/^[a-z][a-z0-9_-]{0,6}$/);
  const leaf = fc.oneof(
    fc.string({ unit: "binary-ascii" }),
    fc.integer(),
    fc.array(fc.string({ unit: "binary-ascii" }), { maxLength: 3 }),
  );
  const table = fc.dictionary(key, leaf, { maxKeys: 4, noNullPrototype: true });
  const document = fc.dictionary(key, fc.oneof(table, fc.array(table, { minLength: 1, maxLength: 3 })), {
    maxKeys: 3,
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(document, (value) => {
      const text = stringify(value);
      const lines = tomlLines(text);
      for (const [name, inner] of Object.entries(value)) {
        for (const [path, one] of Array.isArray(inner)
          ? inner.map((item, index) => [[name, index], item] as const)
          : [[[name], inner] as const]) {
          for (const leafKey of Object.keys(one)) {
            const line = lines.get(formatPath([...path, leafKey]));
            assert.ok(
              text.split("\n")[(line ?? 0) - 1]?.startsWith(`${leafKey} = `),
              `${formatPath([...path, leafKey])} at ${line}`,
            );
          }
        }
      }
    }),
  );
});

test("looking for lines ends on any text", () => {
  fc.assert(fc.property(fc.string({ unit: "binary-ascii", maxLength: 60 }), (text) => void tomlLines(text)));
  const part = fc.constantFrom("[", "]", '"', "'", "=", ".", "\n", "a", '"""', "'''", "\\", "{", "}", "#", " ", "\r");
  fc.assert(fc.property(fc.array(part, { maxLength: 30 }), (parts) => void tomlLines(parts.join(""))));
});

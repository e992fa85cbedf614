/** A secret is not seen by accident, on any of the ways that values take into text. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { format, inspect } from "node:util";
import { Secret, secretSchema } from "@ropewalk/ops/secret";

const secret = new Secret("hunter2");

test("only reveal gives the text", () => {
  assert.equal(secret.reveal(), "hunter2");
  const error = Object.assign(new Error(`bad ${secret}`), { secret });
  const ways: readonly string[] = [
    String(secret),
    `${secret}`,
    "".concat(secret as unknown as string),
    [secret].join(),
    JSON.stringify({ deep: [{ secret }] }),
    inspect(secret),
    inspect({ deep: { deeper: { deepest: { secret } } } }, { depth: 9, showHidden: true }),
    inspect(error, { showHidden: true }),
    format("%s %o %j", secret, secret, secret),
    JSON.stringify(structuredClone(secret)),
    JSON.stringify(Object.entries(secret)),
  ];
  for (const text of ways) assert.doesNotMatch(text, /hunter2/);
  assert.equal(`${secret}`, "[secret]");
});

test("the schema makes a secret of a text and refuses an empty one", () => {
  assert.equal(secretSchema.parse("hunter2").reveal(), "hunter2");
  assert.equal(secretSchema.safeParse("").success, false);
});

/** snake_case and camelCase. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { camelCase, snakeCase } from "../../src/pure/key-case.ts";

test("a key comes back from its camelCase form", () => {
  assert.equal(camelCase("monitor_only"), "monitorOnly");
  assert.equal(camelCase("slot_2"), "slot_2");
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/), (key) =>
      assert.equal(snakeCase(camelCase(key)), key),
    ),
  );
});

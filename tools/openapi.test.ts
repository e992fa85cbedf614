/** What entry's routes say of themselves is what is committed. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { description, descriptionFile } from "./openapi.ts";

test("what npm run openapi makes of entry's routes is committed", async () => {
  assert.equal(await description(), readFileSync(descriptionFile, "utf8"));
});

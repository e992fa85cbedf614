/** What networks, relays and clocks do to messages. message-faults-soak-targets.ts has more seeds, and ten thousand of the tiny ones. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { messageFaults } from "./message-faults.ts";

const seed = 17;

for (const { name, run } of messageFaults)
  test(`all arrives, and once: ${name} (seed ${seed})`, () => assert.deepEqual(run(seed, "sample"), []));

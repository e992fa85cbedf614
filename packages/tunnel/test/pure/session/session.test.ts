import { test } from "node:test";
import fc from "fast-check";
import { histories, play } from "./history.ts";

test("whatever is written, cut, refreshed and reset, every octet comes once and in order, and every end comes", () => {
  fc.assert(fc.property(histories, play), { numRuns: 1000 });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { isConnectionLost, judgeFailure, type ToldFailure } from "@ropewalk/entry/pure/database-failure";
import fc from "fast-check";

const cases: readonly (readonly [string, ToldFailure, string, boolean])[] = [
  ["nobody listens", { code: "ECONNREFUSED" }, "down", true],
  ["the socket's file is gone", { code: "ENOENT" }, "down", true],
  ["the server shuts down", { code: "57P01" }, "down", true],
  ["the server starts up", { code: "57P03" }, "down", true],
  ["the connection broke", { message: "Connection terminated unexpectedly" }, "down", true],
  ["a standby answers", { code: "25006" }, "down", true],
  ["no room on the disk", { code: "53100" }, "full", false],
  ["too many clients", { code: "53300" }, "busy", false],
  ["a lock was waited for in vain", { code: "55P03" }, "busy", false],
  ["a statement took too long", { code: "57014" }, "busy", false],
  ["no answer came", { message: "Query read timeout" }, "busy", true],
  ["a deadlock", { code: "40P01" }, "contended", false],
  ["two wrote the same", { code: "40001" }, "contended", false],
  ["a wrong password", { code: "28P01" }, "refused", false],
  ["a statement that is none", { code: "42601" }, "refused", false],
  ["anything else", { message: "?" }, "refused", true],
];

for (const [what, told, kind, isLost] of cases) {
  test(`${what}: ${kind}, and the connection is ${isLost ? "not used again" : "as good as before"}`, () => {
    assert.deepEqual(judgeFailure(told), { kind });
    assert.equal(isConnectionLost(told), isLost);
  });
}

test("a constraint is told by its name", () => {
  for (const code of ["23505", "23503", "23514", "23P01"])
    assert.deepEqual(judgeFailure({ code, constraint: "one" }), { kind: "conflict", constraint: "one" });
});

test("nothing that an error may hold is thrown at", () => {
  fc.assert(
    fc.property(fc.record({ code: fc.anything(), constraint: fc.anything(), message: fc.anything() }), (told) => {
      assert.ok(judgeFailure(told).kind.length > 0);
      assert.equal(typeof isConnectionLost(told), "boolean");
    }),
    { numRuns: 3_000 },
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { describeError, InternalError } from "@ropewalk/kernel/errors";
import { millis } from "@ropewalk/kernel/units";

test("an error is told with its causes, the outermost first", () => {
  const cause = new Error("connection refused");
  assert.equal(describeError(new InternalError("no reply", { cause })), "no reply: connection refused");
  assert.equal(describeError("just text"), "just text");
});

test("a circle of causes ends", () => {
  const error = new Error("round");
  error.cause = error;
  assert.ok(describeError(error).length < 200);
});

test("what is no duration is refused where it is made", () => {
  for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY]) assert.throws(() => millis(value), InternalError);
});

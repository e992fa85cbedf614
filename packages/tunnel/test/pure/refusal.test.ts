/** Every refusal can be told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { abortCode, abortReason, isAbortReason } from "@ropewalk/tunnel/pure/handshake/failure";
import { describeRefusal, refusalReasons } from "@ropewalk/tunnel/pure/refusal";

test("a refusal says who refused whom, why, what was seen and what to do", () => {
  assert.equal(
    describeRefusal({ by: "peer", reason: "wrong-version", detail: "alert 70" }),
    "the other end refused this one, wrong-version (alert 70): it does not speak TLS 1.3, and no older version is spoken here",
  );
});

test("every reason that has an octet comes back from it", () => {
  const told = refusalReasons.filter(isAbortReason);
  assert.equal(told.length, 26);
  for (const reason of told) assert.equal(abortReason(abortCode(reason)), reason);
});

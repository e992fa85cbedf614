import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeStart, type LiveSession, type StartFacts } from "@ropewalk/entry/pure/start-judgement";

const live: LiveSession = { state: "active", device: "laptop", reconnect: "k2", former: "k1" };
const facts: StartFacts = {
  ...{ hasDevice: true, device: "laptop", reconnect: "k9", former: undefined },
  ...{ live: undefined, isRetired: false, earlier: undefined },
};
const judged = (given: Partial<StartFacts>) => judgeStart({ ...facts, ...given });
const kindOf = (given: Partial<StartFacts>) => judged(given).kind;

test("who has no session begins one, if the device is his and the key is new", () => {
  assert.equal(kindOf({}), "begins");
  assert.equal(kindOf({ hasDevice: false }), "unknown-device");
  assert.equal(kindOf({ earlier: "failed" }), "failed-before");
  assert.equal(kindOf({ earlier: "terminated" }), "conflict");
  assert.equal(kindOf({ former: "of a session that is over" }), "begins");
});

test("the same key is the same request, and another without proof a conflict", () => {
  assert.equal(kindOf({ live, reconnect: "k2" }), "same");
  assert.equal(kindOf({ live, reconnect: "k1" }), "same");
  assert.equal(kindOf({ live }), "conflict");
  assert.equal(kindOf({ live, former: "guessed" }), "conflict");
});

test("a key is replaced when it is shown, and the one before it retires then and not sooner", () => {
  assert.deepEqual(judged({ live, former: "k2" }), {
    kind: "returns",
    keys: { reconnect: "k9", former: "k2", retires: "k1" },
  });
  assert.deepEqual(judged({ live, former: "k1" }), {
    kind: "returns",
    keys: { reconnect: "k9", former: "k1", retires: undefined },
  });
  assert.equal(kindOf({ live, former: "k2", earlier: "terminated" }), "conflict");
});

test("a key that has retired ends the session, on the device that it is bound to and on no other", () => {
  assert.equal(kindOf({ live, former: "k0", isRetired: true }), "reused-key");
  assert.equal(kindOf({ live, device: "phone", former: "k0", isRetired: true }), "conflict");
  assert.equal(kindOf({ live, device: "phone", former: "k2" }), "conflict");
});

test("while the session before is being ended a new request waits for that", () => {
  const ending = { ...live, state: "terminating" } as const;
  assert.equal(kindOf({ live: ending }), "waits");
  assert.equal(kindOf({ live: ending, device: "phone" }), "waits");
  assert.equal(kindOf({ live: { ...live, state: "provisioning" } }), "conflict");
});

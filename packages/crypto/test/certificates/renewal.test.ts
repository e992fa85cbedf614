import assert from "node:assert/strict";
import { test } from "node:test";
import { nextRenewalChange, renewalOf } from "../../src/certificates/pure/renewal.ts";

const lifetime = { notBefore: 0, notAfter: 90 };

test("a renewal is due once a third of the life is left", () => {
  assert.equal(renewalOf(lifetime, 59).kind, "fresh");
  assert.equal(renewalOf(lifetime, 60).kind, "due");
  assert.equal(renewalOf(lifetime, 90).kind, "due");
  assert.equal(renewalOf(lifetime, 91).kind, "expired");
});

test("the answer stays as it is until the moment that is told", () => {
  for (let now = 0; now < 95; now += 1) {
    const renewal = renewalOf(lifetime, now);
    const change = nextRenewalChange(renewal);
    if (change === undefined) continue;
    assert.ok(change > now);
    assert.equal(renewalOf(lifetime, change - 1).kind, renewal.kind);
    assert.notEqual(renewalOf(lifetime, change).kind, renewal.kind);
  }
});

test("a life that ends before it begins is over, and nothing comes of it", () => {
  assert.equal(renewalOf({ notBefore: 10, notAfter: 5 }, 7).kind, "expired");
});

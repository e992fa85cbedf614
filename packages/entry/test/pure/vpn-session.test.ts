import assert from "node:assert/strict";
import { test } from "node:test";
import type { Generation, PlacementId } from "@ropewalk/entry/pure/vpn-placement";
import { isOver } from "@ropewalk/entry/pure/vpn-session";
import { activeOn, Ledger, placeOn, terms } from "./session-of.ts";

const reach = terms.delivery + terms.lease + terms.margin;

test("a session that has a place is provisioning until its node has the peer, and active then", () => {
  const ledger = new Ledger().step({ kind: "place", to: placeOn("a") });
  assert.deepEqual([ledger.session.state, ledger.roles, ledger.told], ["provisioning", "a coming", "place on a@1"]);
  ledger.answer("placed", "a");
  assert.deepEqual([ledger.session.state, ledger.roles, ledger.told], ["active", "a current", ""]);
});

test("a session for which there is no place has failed", () => {
  assert.equal(new Ledger().step({ kind: "fail" }).session.state, "failed");
  assert.equal(activeOn("a").step({ kind: "fail" }).session.state, "active");
});

test("a session that is terminated before it had a place is over at once", () => {
  assert.equal(new Ledger().step({ kind: "terminate" }).session.state, "terminated");
});

test("a session whose first node refuses, or is silent, has failed, and the place is reserved: its order may still come", () => {
  for (const answer of ["refused", "silent"] as const) {
    const ledger = new Ledger().step({ kind: "place", to: placeOn("a") }).answer(answer, "a");
    assert.deepEqual([ledger.session.state, ledger.roles, ledger.told], ["failed", "a orphaned", "remove on a@2"]);
    assert.equal(ledger.answer("removed", "a").roles, "a released");
  }
});

test("a move leaves the old place alone until the new node has the peer", () => {
  const ledger = activeOn("a").step({ kind: "move", to: placeOn("b") });
  assert.deepEqual([ledger.roles, ledger.told], ["a current, b coming", "place on b@1"]);
  ledger.answer("placed", "b");
  assert.deepEqual([ledger.roles, ledger.told], ["a draining, b current", "remove on a@2"]);
  assert.equal(ledger.answer("removed", "a").roles, "a released, b current");
});

test("a move that fails leaves the session where it is", () => {
  const ledger = activeOn("a")
    .step({ kind: "move", to: placeOn("b") })
    .answer("refused", "b");
  assert.deepEqual([ledger.session.state, ledger.roles], ["active", "a current, b orphaned"]);
});

test("a session does not move while it moves, or while an old place drains", () => {
  const moving = activeOn("a").step({ kind: "move", to: placeOn("b") });
  const before = moving.session;
  assert.equal(moving.step({ kind: "move", to: placeOn("c") }).session, before);
  const draining = moving.answer("placed", "b").session;
  assert.equal(moving.step({ kind: "move", to: placeOn("c") }).session, draining);
  assert.equal(
    moving.answer("silent", "a").step({ kind: "move", to: placeOn("c") }).roles,
    "a orphaned, b current, c coming",
  );
});

test("an old node that does not answer keeps nobody from going on: its place is orphaned until its lease is over", () => {
  const ledger = activeOn("a")
    .step({ kind: "move", to: placeOn("b") })
    .answer("placed", "b")
    .answer("silent", "a");
  assert.equal(ledger.roles, "a orphaned, b current");
  ledger.now = reach - 1;
  assert.equal(ledger.step({ kind: "lapse" }).roles, "a orphaned, b current");
  ledger.now = reach;
  assert.equal(ledger.step({ kind: "lapse" }).roles, "a released, b current");
});

test("an orphaned place is free as soon as its node says that it has not got it", () => {
  const ledger = activeOn("a").step({ kind: "terminate" }).answer("silent", "a");
  assert.deepEqual([ledger.session.state, ledger.roles], ["terminated", "a orphaned"]);
  assert.equal(ledger.answer("removed", "a").roles, "a released");
});

test("a session is over when the node that carries it has removed it, or has not answered", () => {
  const ledger = activeOn("a").step({ kind: "terminate" });
  assert.deepEqual(
    [ledger.session.state, isOver(ledger.session), ledger.told],
    ["terminating", false, "remove on a@2"],
  );
  assert.equal(ledger.answer("removed", "a").session.state, "terminated");
});

test("a session that ends amid a move waits for the node that carries it, and not for the one that was to", () => {
  const ledger = activeOn("a").step({ kind: "move", to: placeOn("b") }, { kind: "terminate" });
  assert.deepEqual([ledger.roles, ledger.told], ["a draining, b orphaned", "remove on b@2, remove on a@2"]);
  assert.equal(ledger.answer("removed", "a").session.state, "terminated");
});

test("a session that ends while an old place drains waits for its own node", () => {
  const ledger = activeOn("a")
    .step({ kind: "move", to: placeOn("b") })
    .answer("placed", "b")
    .step({ kind: "terminate" });
  assert.equal(ledger.roles, "a orphaned, b draining");
});

test("a session that ends before its node has answered waits for that node", () => {
  const ledger = new Ledger().step({ kind: "place", to: placeOn("a") }, { kind: "terminate" });
  assert.deepEqual([ledger.session.state, ledger.roles], ["terminating", "a draining"]);
  assert.equal(ledger.answer("removed", "a").session.state, "terminated");
});

test("what is prolonged is reserved for longer before anything is sent, and answers to the order before count no more", () => {
  const ledger = activeOn("a");
  ledger.now = 600_000;
  ledger.step({ kind: "renew" });
  assert.deepEqual([ledger.told, ledger.on("a").mayLastUntil], ["place on a@2", 600_000 + reach]);
  const renewed = ledger.session;
  const old = { placement: "on a" as PlacementId, generation: 1 as Generation };
  ledger.step({ kind: "refused", ...old }, { kind: "silent", ...old }, { kind: "removed", ...old });
  assert.equal(ledger.session, renewed);
});

test("who waits for a removal does not give up because the order before it was never answered", () => {
  const ledger = new Ledger().step({ kind: "place", to: placeOn("a") });
  const { id: placement, generation } = ledger.on("a");
  ledger.answer("placed", "a").step({ kind: "terminate" }, { kind: "silent", placement, generation });
  assert.equal(ledger.roles, "a draining");
});

test("a node that refuses to prolong what it has takes nothing away", () => {
  assert.equal(activeOn("a").step({ kind: "renew" }).answer("refused", "a").roles, "a current");
});

test("a place that is to be removed is reserved no longer than it was", () => {
  const ledger = activeOn("a");
  ledger.now = 1_000;
  assert.equal(ledger.step({ kind: "terminate" }).on("a").mayLastUntil, reach);
});

test("what is wanted does not lapse", () => {
  const ledger = activeOn("a");
  ledger.now = 10 * reach;
  assert.equal(ledger.step({ kind: "lapse" }).roles, "a current");
});

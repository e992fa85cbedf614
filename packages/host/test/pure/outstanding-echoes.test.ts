import assert from "node:assert/strict";
import { test } from "node:test";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { OutstandingEchoes } from "../../src/pure/outstanding-echoes.ts";

const peer = ipAddress("192.0.2.1");
const other = ipAddress("192.0.2.2");

test("a reply is expected once, from the peer that was asked, with the sequence that was sent", () => {
  const outstanding = new OutstandingEchoes(4);
  outstanding.add(peer, 7);
  assert.equal(outstanding.take(other, 7), false);
  assert.equal(outstanding.take(peer, 8), false);
  assert.equal(outstanding.take(peer, 7), true);
  assert.equal(outstanding.take(peer, 7), false);
});

test("the oldest request is forgotten first, and asking again makes it the newest", () => {
  const outstanding = new OutstandingEchoes(2);
  outstanding.add(peer, 1);
  outstanding.add(peer, 2);
  outstanding.add(peer, 1);
  outstanding.add(peer, 3);
  assert.equal(outstanding.take(peer, 2), false);
  assert.equal(outstanding.take(peer, 1), true);
  assert.equal(outstanding.take(peer, 3), true);
});

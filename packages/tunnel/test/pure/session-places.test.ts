import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import type { PeerIdentity } from "@ropewalk/tunnel/pure/peer-identity";
import { type PlacedSession, placeFor } from "@ropewalk/tunnel/pure/session-places";

const named = (name: string): PeerIdentity => ({
  authority: "CN=CA",
  authorityKey: "ab",
  names: [name],
  certificate: undefined,
});
const present = (name: string): PlacedSession => ({ identity: named(name), absentSince: undefined });
const absent = (name: string, since: number): PlacedSession => ({ identity: named(name), absentSince: millis(since) });
const limits = { ofPeer: 3, inAll: 5 };

test("a peer has as many sessions as it may, whatever others have", () => {
  assert.deepEqual(placeFor([present("a"), present("a"), present("b")], named("a"), limits), { kind: "free" });
  assert.deepEqual(placeFor([present("a"), present("a"), present("a")], named("b"), limits), { kind: "free" });
  const full = placeFor([present("a"), present("a"), present("a")], named("a"), limits);
  assert.deepEqual(full, { kind: "none", by: "ofPeer" });
});

test("one more takes the place of the peer's own that has waited longest for a lane", () => {
  const sessions = [absent("b", 1), absent("a", 9), absent("a", 5), present("a")];
  assert.deepEqual(placeFor(sessions, named("a"), limits), { kind: "instead", session: sessions[2] });
});

test("when there are too many in all, nobody loses one to another peer", () => {
  const sessions = [absent("a", 1), absent("a", 2), present("b"), absent("c", 3), present("d")];
  assert.deepEqual(placeFor(sessions, named("e"), limits), { kind: "none", by: "inAll" });
  assert.deepEqual(placeFor(sessions, named("b"), limits), { kind: "none", by: "inAll" });
  assert.deepEqual(placeFor(sessions, named("c"), limits), { kind: "instead", session: sessions[3] });
});

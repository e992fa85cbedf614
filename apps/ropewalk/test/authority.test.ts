import assert from "node:assert/strict";
import { test } from "node:test";
import { mayChange } from "../src/local-api/authority.ts";

const peer = (uid: number, ...groups: number[]) => ({ pid: 1, uid, groups: [uid, ...groups] });
const owner = { uid: 500, group: 700 };

test("root and the node's own user may change things", () => {
  assert.equal(mayChange(peer(0), owner), true);
  assert.equal(mayChange(peer(500), owner), true);
});

test("a member of the socket's group may, by any of their groups", () => {
  assert.equal(mayChange(peer(1000, 27, 700), owner), true);
  assert.equal(mayChange({ pid: 1, uid: 1000, groups: [700] }, owner), true);
});

test("everybody else may not", () => {
  assert.equal(mayChange(peer(1000, 27), owner), false);
});

test("without a configured group no group counts, not even the daemon's", () => {
  assert.equal(mayChange(peer(1000, 500), { uid: 500, group: undefined }), false);
});

test("whom the kernel does not name may not", () => {
  assert.equal(mayChange(undefined, owner), false);
});

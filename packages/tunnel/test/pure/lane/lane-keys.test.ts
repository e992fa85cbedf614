/** The chain of an epoch's lane secrets: what is left of it says nothing of the lanes that were. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sha384 } from "@ropewalk/crypto/sha384";
import { LaneChain } from "@ropewalk/tunnel/pure/lane/lane-keys";
import { nonceOf } from "./epochs.ts";

const links = () => ({ source: new Uint8Array(48).fill(1), destination: new Uint8Array(48).fill(2) });
const of = (lane: number) => ({ lane, sourceNonce: nonceOf(3), destinationNonce: nonceOf(4) });
const isZero = (octets: Uint8Array) => octets.every((octet) => octet === 0);

test("what a chain holds after a lane gives the next lane's secrets and not that lane's, whatever its nonces were", () => {
  const held = links();
  const chain = new LaneChain(sha384, held);
  const first = chain.take(of(1)) ?? assert.fail();
  const left = { source: held.source.slice(), destination: held.destination.slice() };
  assert.notDeepEqual(left, links());
  assert.notDeepEqual(new LaneChain(sha384, left).take(of(1)), first);
  assert.deepEqual(new LaneChain(sha384, links()).take(of(1)), first);
  const whole = new LaneChain(sha384, links());
  assert.deepEqual([chain.take(of(3)), chain.take(of(4))], [whole.take(of(3)), whole.take(of(4))]);
});

test("a chain gives each lane's secrets once, none of a lane behind it, and none beyond the sixty-fourth", () => {
  const chain = new LaneChain(sha384, links());
  assert.ok(chain.take(of(2)) !== undefined);
  for (const lane of [0, 1, 2, 65]) assert.equal(chain.take(of(lane)), undefined, String(lane));
  assert.ok(chain.take(of(64)) !== undefined);
  assert.equal(chain.take(of(64)), undefined);
});

test("every lane has secrets of its own, though its nonces were those of another", () => {
  const chain = new LaneChain(sha384, links());
  const secrets = [1, 2, 3, 4].flatMap((lane) => Object.values(chain.take(of(lane)) ?? assert.fail()));
  assert.equal(new Set(secrets.map((secret) => secret.toHex())).size, 8);
});

test("a chain that is erased holds nothing, and gives nothing", () => {
  const held = links();
  const chain = new LaneChain(sha384, held);
  chain.erase();
  assert.ok(isZero(held.source) && isZero(held.destination));
  assert.equal(chain.take(of(1)), undefined);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { chainKeyLength } from "@ropewalk/mesh/pure/messages/sealing/chain";
import type { StoredChain } from "@ropewalk/mesh/pure/messages/store-operations";
import { encodePlaintext } from "@ropewalk/mesh/pure/messages/wire/plaintext";
import fc from "fast-check";
import { readEnvelope } from "../wire/envelopes.ts";
import {
  envelopeOf,
  idOf,
  newChains,
  newSessions,
  now,
  openedOf,
  Pair,
  saying,
  storeTime,
  talking,
  today,
} from "./people.ts";

const [unknown, forged, malformed] = (["unknown", "forged", "malformed"] as const).map((why) => ({
  kind: "refused",
  why,
}));

test("what comes in a chain is opened in any order, each once", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...new Array(120).keys()], { minLength: 1 }), (order) => {
      const pair = talking(120);
      const sealed = Array.from({ length: 120 }, (_, number) => pair.seal(number));
      assert.ok(sealed.every(({ form }) => form === "chain"));
      for (const number of order) {
        const one = sealed[number] ?? assert.fail();
        const opened = openedOf(pair.open(one));
        assert.deepEqual([idOf(opened), opened.sender, opened.by], [number, pair.from, "chain"]);
        assert.deepEqual([opened.ackKey, opened.tag], [one.ackKey, envelopeOf(one).name]);
        assert.deepEqual(pair.open(one), unknown, "its key is not kept");
      }
    }),
    { numRuns: 20 },
  );
});

test("an opening tells its sender's key, and by which of the keys it was opened", () => {
  const pair = new Pair();
  const opened = openedOf(pair.open(pair.seal(1)));
  assert.deepEqual([opened.senderKey, opened.by], [pair.sender.publicKey, "prekey"]);
  const sealed = pair.sessions.seal(now, { ...pair.to, prekey: undefined }, saying(2), "class") ?? assert.fail();
  assert.equal(openedOf(pair.open(sealed)).by, "identity");
});

test("an opening that comes again is opened again, and its chain goes on from where it is", () => {
  const pair = new Pair();
  const opening = pair.seal(1);
  pair.prove(opening);
  const first = pair.seal(2);
  pair.prove(first);
  const { tags } = pair.chains.size;
  const again = openedOf(pair.open(opening));
  assert.deepEqual([idOf(again), again.chain.base], [1, 2]);
  assert.deepEqual(pair.open(first), unknown);
  assert.deepEqual(pair.chains.size, { tags, chains: 1, senders: 1 });
});

test("with any octet of it changed nothing of a chain opens, and the message itself still does", () => {
  const pair = talking(1);
  const sealed = pair.seal(7);
  const { octets, tag } = envelopeOf(sealed);
  for (let place = 12; place < octets.length; place += 1)
    assert.deepEqual(pair.chains.open(today, readEnvelope(octets.with(place, (octets[place] ?? 0) ^ 1))), forged);
  for (let place = 0; place < tag.length; place += 1)
    assert.deepEqual(pair.open({ ...sealed, tag: tag.with(place, (tag[place] ?? 0) ^ 1) }), unknown);
  assert.deepEqual(pair.open({ ...sealed, sealed: sealed.sealed.subarray(0, -1) }), forged);
  assert.equal(idOf(openedOf(pair.open(sealed))), 7);
});

test("what relays change of the header changes nothing of what is sealed", () => {
  const pair = talking(1);
  const { octets } = envelopeOf(pair.seal(7));
  const relayed = octets.with(0, 0x81).with(2, 1).with(3, 0);
  assert.equal(idOf(openedOf(pair.chains.open(today, readEnvelope(relayed)))), 7);
});

test("whatever the sender has under way is known by its tag: all but the last may be lost", () => {
  for (const proved of [0, 1, 20, 600]) {
    const pair = talking(proved);
    const room = pair.sessions.room(now, pair.to.address);
    assert.equal(room, Math.min(512, 16 + proved));
    const sealed = Array.from({ length: room }, (_, number) => pair.seal(number));
    assert.equal(idOf(pair.prove(sealed.at(-1) ?? assert.fail())), room - 1);
    // And as many again, once the last was proved.
    while (pair.sessions.room(now, pair.to.address) > 0) sealed.push(pair.seal(999));
    pair.prove(sealed.at(-1) ?? assert.fail());
    const late = sealed.filter((one, index) => index !== room - 1 && one !== sealed.at(-1));
    for (const one of late) openedOf(pair.open(one));
  }
});

test("no more than 512 numbers ahead are known, however many came", () => {
  assert.equal(talking(10).chains.size.tags, 32 + 11);
  assert.equal(talking(600).chains.size.tags, 512);
});

test("an opening that was lost is no loss to those behind it, which have another chain", () => {
  const pair = new Pair();
  const [lost, second] = [pair.seal(1), pair.seal(2)];
  pair.prove(second);
  assert.equal(pair.exchange(3), "chain");
  assert.equal(idOf(openedOf(pair.open(lost))), 1);
  assert.equal(pair.exchange(4), "chain");
});

test("a recipient that was restored knows all that may still come, and what came by what it was restored to", () => {
  const pair = talking(40);
  const sealed = Array.from({ length: 30 }, (_, number) => pair.seal(number));
  const came = [3, 20, 4].map((number) => openedOf(pair.open(sealed[number] ?? assert.fail())));
  const stored = came.at(-1)?.chain ?? assert.fail();
  pair.chains = newChains(pair.recipient, pair.prekeys);
  assert.ok(pair.chains.restore(stored));
  assert.ok(!pair.chains.restore(stored), "once");
  for (const [number, one] of sealed.entries()) {
    const outcome = pair.open(one);
    if ([3, 4, 20].includes(number)) assert.deepEqual(outcome, unknown);
    else assert.equal(idOf(openedOf(outcome)), number);
  }
  assert.equal(pair.exchange(99), "chain");
});

test("a recipient that was restored to an older state opens what came since once more, as it comes again", () => {
  const pair = talking(3);
  const older = openedOf(pair.open(pair.seal(4))).chain;
  const since = [5, 6, 7].map((number) => pair.seal(number));
  for (const one of since) openedOf(pair.open(one));
  pair.chains = newChains(pair.recipient, pair.prekeys);
  pair.chains.restore(older);
  for (const [index, one] of since.entries()) assert.equal(idOf(openedOf(pair.open(one))), 5 + index);
});

test("a recipient that has lost its chains gets what is sealed anew, as an opening", () => {
  const pair = talking(3);
  pair.chains = newChains(pair.recipient, pair.prekeys);
  const lost = pair.seal(8);
  assert.deepEqual(pair.open(lost), unknown);
  pair.sessions.abandon(envelopeOf(lost).name);
  assert.equal(pair.exchange(8), "opening");
  assert.equal(pair.exchange(9), "chain");
});

test("what could not be kept can be opened once more", () => {
  const pair = talking(3);
  const [one, other] = [pair.seal(4), pair.seal(5)];
  const opened = openedOf(pair.open(one));
  pair.chains.reinstate(opened);
  const state = openedOf(pair.open(other)).chain;
  assert.equal(idOf(openedOf(pair.open(one))), 4);
  assert.deepEqual(pair.open(one), unknown);
  pair.chains = newChains(pair.recipient, pair.prekeys);
  pair.chains.restore(state);
  assert.equal(idOf(openedOf(pair.open(one))), 4, "and it is in the state as one that did not come");
});

test("what could not be kept of a chain that is forgotten is forgotten with it", () => {
  const pair = talking(3);
  const opened = openedOf(pair.open(pair.seal(4)));
  pair.chains.expire(storeTime(today + 40 * 86_400));
  pair.chains.reinstate(opened);
  assert.deepEqual(pair.chains.size, { tags: 0, chains: 0, senders: 0 });
});

test("a state that is none is not taken", () => {
  const pair = talking(3);
  const sealed = [4, 5, 6].map((number) => pair.seal(number));
  const state = openedOf(pair.open(sealed[2] ?? assert.fail())).chain;
  assert.equal(state.seen.length, 2 * 34);
  const broken: readonly Partial<StoredChain>[] = [
    { key: new Uint8Array(chainKeyLength - 1) },
    { base: 0 },
    { base: 4_097 },
    { base: 2 },
    { seen: state.seen.subarray(1) },
    { seen: state.seen.with(1, 0) },
    { seen: state.seen.with(1, state.base) },
    { seen: Uint8Array.of(...state.seen.subarray(0, 34), ...state.seen.subarray(0, 34)) },
    { seen: new Uint8Array(34 * 513), base: 4_000 },
  ];
  const chains = newChains(pair.recipient, pair.prekeys);
  for (const change of broken) assert.ok(!chains.restore({ ...state, ...change }), Object.keys(change).join());
  assert.deepEqual(chains.size, { tags: 0, chains: 0, senders: 0 });
  assert.ok(chains.restore(state));
});

test("what is no message though its mac is right is refused, and takes nothing away", () => {
  const pair = talking(1);
  const crypto = {
    ...pair.sender,
    seal: (key: Uint8Array, aad: Uint8Array, plaintext: Uint8Array) => pair.sender.seal(key, aad, plaintext.with(0, 9)),
  };
  const broken = newSessions(crypto).seal(now, pair.to, saying(1), "class") ?? assert.fail();
  const { chains } = pair.chains.size;
  assert.deepEqual(pair.open(broken), malformed);
  assert.equal(pair.chains.size.chains, chains);
  assert.equal(encodePlaintext(saying(1), 0).length, 25);
});

test("an old state of the sender's cannot be told from a new sender: nothing of it seals twice under one key", () => {
  const pair = talking(5);
  const before = pair.seal(6);
  pair.sessions = newSessions(pair.sender);
  const after = pair.seal(6);
  assert.notDeepEqual(before.tag, after.tag);
  assert.equal(after.form, "opening");
  assert.deepEqual(
    [before, after].map((one) => idOf(openedOf(pair.open(one)))),
    [6, 6],
  );
});

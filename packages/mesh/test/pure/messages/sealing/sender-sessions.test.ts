import assert from "node:assert/strict";
import { test } from "node:test";
import { InternalError } from "@ropewalk/kernel/errors";
import { millis, seconds } from "@ropewalk/kernel/units";
import { addressOfKey } from "@ropewalk/mesh/pure/mesh-address";
import { tagName } from "@ropewalk/mesh/pure/messages/wire/envelope";
import { mostContent } from "@ropewalk/mesh/pure/messages/wire/size-class";
import { nameOf, newSessions, now, Pair, person, saying } from "./people.ts";

const forms = (pair: Pair, count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => pair.seal(from + index).form);

test("until an opening is proved every envelope is one, of its own tag", () => {
  const pair = new Pair();
  const sealed = Array.from({ length: 20 }, (_, number) => pair.seal(number));
  assert.ok(sealed.every(({ form }) => form === "opening"));
  assert.equal(new Set(sealed.map(nameOf)).size, 20);
  pair.prove(sealed[4] ?? assert.fail());
  assert.equal(pair.seal(21).form, "chain");
});

test("the newest opening that was proved gives the chain, whichever is proved last", () => {
  const pair = new Pair();
  const openings = [1, 2, 3].map((number) => pair.seal(number));
  const [first, second, third] = openings.map((opening) => () => pair.prove(opening).tag);
  const chainOf = () => tagName(pair.prove(pair.seal(9)).chain.opening);
  second?.();
  first?.();
  assert.equal(chainOf(), openings[1] && nameOf(openings[1]));
  const another = new Pair();
  const later = [1, 2, 3].map((number) => another.seal(number));
  for (const opening of later) another.prove(opening);
  assert.equal(tagName(another.prove(another.seal(9)).chain.opening), later[2] && nameOf(later[2]));
  third?.();
  assert.equal(chainOf(), openings[1] && nameOf(openings[1]), "one that is proved to serve stays");
});

test("a sender that heeds no room comes to 512 in a chain as well, and what is beyond is opened", () => {
  const pair = new Pair();
  const openings: number[] = [];
  for (let round = 0; round < 8; round += 1) {
    const sealed = Array.from({ length: 400 }, (_, number) => pair.seal(number));
    openings.push(sealed.filter(({ form }) => form === "opening").length);
    for (const one of sealed) pair.prove(one);
  }
  assert.deepEqual(openings, [400, 384, 368, 336, 272, 144, 0, 0]);
});

test("a chain that the recipient has lost gives way to the first opening that is proved", () => {
  const pair = new Pair();
  for (let number = 0; number < 5; number += 1) pair.exchange(number);
  const lost = Array.from({ length: 20 }, (_, number) => pair.seal(number));
  assert.ok(lost.every(({ form }) => form === "chain"));
  const next = pair.seal(21);
  assert.equal(next.form, "opening");
  pair.prove(next);
  assert.equal(pair.sessions.room(now, pair.to.address), 16);
  assert.equal(pair.sessions.tags, 0, "what was lost is nobody's any more");
});

test("an old opening that is proved late does not follow a chain, and of chains two are remembered", () => {
  const pair = new Pair({ refreshAt: 4 });
  const [old, ...others] = [1, 2].map((number) => pair.seal(number));
  const newer = pair.seal(3);
  for (const one of others) pair.prove(one);
  for (let number = 0; number < 3; number += 1) pair.exchange(number);
  const { address } = pair.to;
  const refresh = pair.seal(5);
  assert.equal(refresh.form, "opening");
  pair.exchange(6);
  const room = pair.sessions.room(now, address);
  for (const one of [old, newer]) pair.prove(one ?? assert.fail());
  assert.equal(pair.sessions.room(now, address), room);
  pair.prove(refresh);
  assert.equal(pair.sessions.room(now, address), room + 16);
  // One of each chain stays unproved; of the last but one it is remembered in the end.
  for (let chain = 0; chain < 3; chain += 1) {
    pair.seal(6);
    while (pair.exchange(7) === "chain");
  }
  assert.equal(pair.sessions.tags, 1);
});

test("of a chain 16 may be unproved at first, one more for each that was proved, and 512 at most; what is beyond is an opening", () => {
  const pair = new Pair();
  pair.exchange(0);
  assert.equal(pair.sessions.room(now, pair.to.address), 16);
  const sealed = Array.from({ length: 16 }, (_, number) => pair.seal(number));
  assert.equal(pair.sessions.room(now, pair.to.address), 0);
  const beyond = pair.seal(17);
  assert.deepEqual([sealed.at(-1)?.form, beyond.form], ["chain", "opening"]);
  for (const each of sealed.slice(0, 10)) pair.prove(each);
  assert.equal(pair.sessions.room(now, pair.to.address), 20);
  for (const each of sealed.slice(10)) pair.prove(each);
  for (let number = 0; number < 600; number += 1) pair.exchange(number);
  assert.equal(pair.sessions.room(now, pair.to.address), 512);
  assert.equal(forms(pair, 513).indexOf("opening"), 512);
});

test("a proof that comes twice, or of nothing, makes no room", () => {
  const pair = new Pair();
  pair.exchange(0);
  const sealed = pair.seal(1);
  pair.prove(sealed);
  const { address } = pair.to;
  const room = pair.sessions.room(now, address);
  pair.sessions.proved(now, nameOf(sealed));
  pair.sessions.proved(now, nameOf({ ...sealed, tag: new Uint8Array(8) }));
  assert.equal(pair.sessions.room(now, address), room);
});

test("a chain is used for a day, and an opening goes before it ends, which takes its place once it is proved", () => {
  const pair = new Pair();
  pair.exchange(0);
  const at = (hours: number) => {
    const sealed = pair.sessions.seal(seconds(hours * 3_600), pair.to, saying(1), "class") ?? assert.fail();
    return { ...sealed, prove: () => pair.sessions.proved(seconds(hours * 3_600), nameOf(sealed)) };
  };
  assert.equal(at(17.9).form, "chain");
  const refresh = at(18);
  assert.equal(refresh.form, "opening");
  assert.equal(at(18).form, "chain", "it is one, and the chain goes on");
  assert.equal(at(23.9).form, "chain");
  at(23.9).prove();
  assert.equal(at(24).form, "opening");
  refresh.prove();
  assert.equal(at(25).form, "chain", "though what went in the former one was proved since");
});

test("a chain has 4,096 numbers, its opening among them, and an opening goes before the last", () => {
  const pair = new Pair();
  const all = Array.from({ length: 4_200 }, () => {
    const sealed = pair.seal(0);
    const isLate = sealed.form === "opening" && pair.sessions.room(now, pair.to.address) > 0;
    // The opening that is to follow is lost.
    if (!isLate) pair.sessions.proved(now, nameOf(sealed));
    return sealed.form === "opening";
  });
  const openings = all.flatMap((isOpening, index) => (isOpening ? [index] : []));
  // Number 0; one behind number 3,071; the next once number 4,095 is used.
  assert.deepEqual(openings, [0, 3_072, 4_097]);
});

test("while a chain is young, what it has no room for goes in the one that it follows", () => {
  const pair = new Pair();
  let openings = 0;
  for (let round = 0; round < 60; round += 1) {
    const sealed = Array.from({ length: 100 }, (_, number) => pair.seal(number));
    if (round >= 5) openings += sealed.filter(({ form }) => form === "opening").length;
    for (const one of sealed) pair.prove(one);
  }
  assert.equal(openings, 1, "the one that follows the first chain, in 5,500 messages");
});

test("what is given up of a former chain ends both", () => {
  const pair = new Pair({ refreshAt: 4 });
  for (let number = 0; number < 4; number += 1) pair.exchange(number);
  const refresh = pair.seal(5);
  assert.equal(refresh.form, "opening");
  const [inFormer, , third] = [pair.seal(6), pair.seal(6), pair.seal(6)];
  pair.exchange(7);
  pair.prove(refresh);
  const { address } = pair.to;
  assert.equal(pair.sessions.room(now, address), 16 + 17);
  pair.prove(third);
  assert.equal(pair.sessions.room(now, address), 16 + 19, "a proof makes room in the former one, too");
  assert.equal(pair.seal(8).form, "chain");
  assert.equal(pair.sessions.tags, 3, "two of the former one, and one of the new");
  pair.sessions.abandon(nameOf(inFormer));
  assert.equal(pair.sessions.room(now, address), 0);
  assert.equal(pair.sessions.tags, 0);
  assert.equal(pair.seal(8).form, "opening");
});

test("a sender that is started again has no chain, and opens anew", () => {
  const pair = new Pair();
  pair.exchange(0);
  assert.equal(pair.exchange(1), "chain");
  pair.sessions = newSessions(pair.sender);
  assert.equal(pair.exchange(2), "opening");
  assert.equal(pair.exchange(3), "chain");
});

test("what is given up ends the chain that it went in, so that what follows needs nothing of the recipient", () => {
  const pair = new Pair();
  const [first, second] = [pair.seal(1), pair.seal(2)];
  pair.prove(first);
  const inChain = pair.seal(3);
  pair.sessions.abandon(nameOf(second));
  assert.equal(pair.seal(4).form, "chain", "an opening that is given up ends nothing");
  pair.sessions.abandon(nameOf(inChain));
  assert.equal(pair.seal(5).form, "opening");
  pair.sessions.proved(now, nameOf(inChain));
  assert.equal(pair.seal(6).form, "opening", "nor does a proof that comes late begin it again");
});

test("what was given up of a chain that is used no more does not end the next", () => {
  const pair = new Pair();
  pair.exchange(0);
  const old = pair.seal(1);
  const openings = Array.from({ length: 16 }, (_, number) => pair.seal(number));
  pair.prove(openings.at(-1) ?? assert.fail());
  pair.sessions.abandon(nameOf(old));
  assert.equal(pair.seal(3).form, "chain");
});

test("contacts and tags that are remembered are bounded, and who was not written to the longest is forgotten", () => {
  const sender = person(1);
  const sessions = newSessions(sender, { mostContacts: 3, mostTags: 20, mostOpenings: 8 });
  const contacts = [2, 3, 4, 5].map((number) => {
    const { publicKey: key } = person(number);
    return { address: addressOfKey(key), key, prekey: undefined };
  });
  const [one, two, three, four] = contacts.map((to) => () => sessions.seal(now, to, saying(1), "class"));
  for (let round = 0; round < 30; round += 1)
    for (const seal of [one, two, three]) {
      seal?.();
      assert.ok(sessions.tags <= 20);
    }
  const sealed = one?.() ?? assert.fail();
  sessions.proved(now, nameOf(sealed));
  const hasRoom = () => sessions.room(now, contacts[0]?.address ?? assert.fail()) > 0;
  assert.ok(hasRoom());
  for (const seal of [two, three, one, four]) seal?.();
  assert.ok(hasRoom(), "he was written to after two others");
  for (const seal of [two, three]) seal?.();
  assert.ok(!hasRoom());
});

test("of openings to one contact the latest are remembered", () => {
  const pair = new Pair({ mostOpenings: 4 });
  const sealed = Array.from({ length: 6 }, (_, number) => pair.seal(number));
  pair.prove(sealed[1] ?? assert.fail());
  assert.equal(pair.seal(9).form, "opening");
  pair.prove(sealed[2] ?? assert.fail());
  assert.equal(pair.seal(9).form, "opening", "one more was sealed since, so this one is forgotten as well");
  pair.prove(sealed[5] ?? assert.fail());
  assert.equal(pair.seal(9).form, "chain");
});

test("who is forgotten is written to as a stranger, and nothing of him is kept", () => {
  const pair = new Pair();
  pair.exchange(0);
  for (let number = 0; number < 20; number += 1) pair.seal(number);
  pair.sessions.forget(pair.to.address);
  assert.equal(pair.sessions.tags, 0);
  assert.equal(pair.seal(9).form, "opening");
});

test("nothing is sealed to who has no key, nor what is longer than an envelope", () => {
  const pair = new Pair();
  const seal = (change: Partial<Pair["to"]>) =>
    pair.sessions.seal(now, { ...pair.to, ...change, address: pair.from }, saying(1), "class");
  assert.equal(seal({ key: new Uint8Array(32) }), undefined);
  assert.equal(seal({ key: new Uint8Array(31) }), undefined);
  assert.equal(seal({ prekey: new Uint8Array(32) }), undefined);
  const most = mostContent("opening", "whole");
  assert.ok(pair.sessions.seal(now, pair.to, saying(1, new Uint8Array(most)), "class"));
  assert.throws(() => pair.sessions.seal(now, pair.to, saying(1, new Uint8Array(most + 1)), "class"), InternalError);
});

test("ten octets take 60 on the wire between who know each other, 124 at first, and are padded to 64 and 128", () => {
  const pair = new Pair();
  const sizes = () =>
    (["none", "class"] as const).map((padding) => {
      const sealed = pair.sessions.seal(millis(0), pair.to, saying(1), padding) ?? assert.fail();
      return 2 + 1 + 4 + 12 + sealed.sealed.length;
    });
  assert.deepEqual(sizes(), [124, 128]);
  pair.exchange(2);
  assert.deepEqual(sizes(), [60, 64]);
});

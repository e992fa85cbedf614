/** How much a recipient knows and keeps, of whom, and who gives way. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOfKey } from "@ropewalk/mesh/pure/mesh-address";
import {
  envelopeOf,
  idOf,
  newChains,
  newSessions,
  now,
  openedOf,
  Pair,
  person,
  saying,
  storeTime,
  talking,
  today,
} from "./people.ts";

const unknown = { kind: "refused", why: "unknown" };

test("of one sender so many chains are kept, and the one that was not used the longest goes", () => {
  const pair = new Pair({}, { mostOfSender: 3 });
  const openings = Array.from({ length: 4 }, (_, number) => pair.seal(number));
  for (const opening of openings) openedOf(pair.open(opening));
  assert.equal(pair.chains.size.chains, 3);
  const gone = pair.chains.takeForgotten();
  assert.deepEqual(gone, [{ sender: pair.from, opening: openings[0]?.tag }]);
  assert.deepEqual(pair.chains.takeForgotten(), []);
});

test("a chain that is used stays, however many openings its sender makes", () => {
  const pair = new Pair({}, { mostOfSender: 3 });
  pair.exchange(0);
  pair.exchange(1);
  const later = pair.seal(2);
  const other = newSessions(pair.sender);
  for (let number = 3; number < 20; number += 1)
    openedOf(pair.open(other.seal(now, pair.to, saying(number), "class") ?? assert.fail()));
  assert.equal(pair.chains.size.chains, 3);
  assert.equal(idOf(openedOf(pair.open(later))), 2);
});

test("of chains that are all used the one that was not used the longest goes, and not the one that has just begun", () => {
  const pair = new Pair({}, { mostOfSender: 2 });
  const senders = [1, 2, 3].map(() => newSessions(pair.sender));
  const seal = (which: number) => senders[which]?.seal(now, pair.to, saying(which), "class") ?? assert.fail();
  for (const which of [0, 0, 1, 1, 2, 2]) {
    const sealed = seal(which);
    openedOf(pair.open(sealed));
    senders[which]?.proved(now, envelopeOf(sealed).name);
  }
  assert.deepEqual(
    [0, 1, 2].map((which) => pair.open(seal(which)).kind),
    ["refused", "opened", "opened"],
  );
});

test("tags are bounded in all: strangers give way before contacts, and of each who was not heard the longest", () => {
  const pair = new Pair();
  const contacts = new Set([pair.from]);
  const config = { mostTags: 5 * 36 };
  pair.chains = newChains(pair.recipient, pair.prekeys, config, (address) => contacts.has(address));
  pair.exchange(0);
  const strangers = [11, 12, 13, 14, 15, 16, 17].map(person);
  for (const stranger of strangers) {
    openedOf(pair.open(newSessions(stranger).seal(now, pair.to, saying(1), "class") ?? assert.fail()));
    assert.ok(pair.chains.size.tags <= config.mostTags);
  }
  const gone = pair.chains.takeForgotten().map(({ sender }) => sender);
  assert.deepEqual(
    gone,
    strangers.slice(0, gone.length).map(({ publicKey }) => addressOfKey(publicKey)),
  );
  assert.ok(gone.length >= 3);
  assert.equal(pair.exchange(1), "chain");
});

test("who was heard last stays, and who became a contact goes with the contacts from what comes next", () => {
  const pair = new Pair();
  const contacts = new Set<string>();
  const config = { mostTags: 4 * 33 };
  pair.chains = newChains(pair.recipient, pair.prekeys, config, (address) => contacts.has(address));
  const senders = [11, 12, 13, 14, 15].map((number) => newSessions(person(number)));
  const say = (which: number) => {
    const sealed = senders[which]?.seal(now, pair.to, saying(which), "class") ?? assert.fail();
    const outcome = pair.open(sealed);
    if (outcome.kind === "opened") senders[which]?.proved(now, envelopeOf(sealed).name);
    return outcome.kind;
  };
  assert.deepEqual([0, 1, 2, 0, 3].map(say), new Array(5).fill("opened"));
  assert.deepEqual([1, 0].map(say), ["refused", "opened"], "the second was heard before the first was, again");
  contacts.add(addressOfKey(person(11).publicKey));
  assert.equal(say(0), "opened");
  senders.splice(1, 4, ...[21, 22, 23, 24].map((number) => newSessions(person(number))));
  for (const stranger of [1, 2, 3, 4]) assert.equal(say(stranger), "opened");
  assert.equal(say(0), "opened");
});

test("a chain that nothing came of for a month is forgotten", () => {
  const pair = talking(1);
  const month = 31 * 86_400;
  const sealed = pair.seal(5);
  pair.chains.expire(storeTime(today + month - 1));
  assert.equal(pair.chains.size.chains, 1);
  const opened = openedOf(pair.chains.open(storeTime(today + 60), envelopeOf(sealed)));
  assert.equal(opened.chain.until, today + 60 + month);
  pair.chains.expire(storeTime(today + month));
  assert.equal(pair.chains.size.chains, 1);
  pair.chains.expire(storeTime(today + 60 + month));
  assert.deepEqual(pair.chains.size, { tags: 0, chains: 0, senders: 0 });
});

test("chains that were restored in any order are forgotten when they end", () => {
  const pair = new Pair();
  const states = [1, 2, 3].map((number) => openedOf(pair.open(pair.seal(number))).chain);
  pair.chains = newChains(pair.recipient, pair.prekeys);
  for (const [index, state] of states.entries())
    pair.chains.restore({ ...state, until: storeTime(today + (index === 1 ? 5 : 9)) });
  pair.chains.expire(storeTime(today + 5));
  assert.deepEqual(pair.chains.takeForgotten(), [{ sender: pair.from, opening: states[1]?.opening }]);
});

test("a stranger for whom there is no room is opened all the same, and his chain is forgotten", () => {
  const pair = new Pair();
  const contacts = new Set([pair.from]);
  pair.chains = newChains(pair.recipient, pair.prekeys, { mostTags: 40 }, (address) => contacts.has(address));
  pair.exchange(0);
  const stranger = newSessions(person(9)).seal(now, pair.to, saying(1), "class") ?? assert.fail();
  assert.equal(idOf(openedOf(pair.open(stranger))), 1);
  assert.deepEqual(
    pair.chains.takeForgotten().map(({ opening }) => opening),
    [stranger.tag],
  );
  assert.equal(pair.exchange(1), "chain");
});

test("a chain comes to its end at number 4,095, and knows no tags beyond", () => {
  const pair = talking(0, new Pair({ refreshAt: 5_000 }));
  for (let number = 1; number <= 4_095; number += 1) assert.equal(pair.exchange(number), "chain");
  assert.deepEqual(pair.chains.size, { tags: 0, chains: 1, senders: 1 });
  assert.equal(pair.exchange(0), "opening");
});

test("of what was skipped 512 are remembered, and the oldest are given up", () => {
  const pair = talking(300);
  const sealed = Array.from({ length: 900 }, (_, number) => {
    const one = pair.seal(number);
    // A sender that keeps to no bounds.
    pair.sessions.proved(now, envelopeOf(one).name);
    return one;
  });
  for (const number of [300, 600, 899]) openedOf(pair.open(sealed[number] ?? assert.fail()));
  const state = openedOf(pair.open(sealed[898] ?? assert.fail())).chain;
  assert.ok(state.seen.length <= 512 * 34);
  assert.deepEqual(pair.open(sealed[0] ?? assert.fail()), unknown);
  assert.equal(idOf(openedOf(pair.open(sealed[897] ?? assert.fail()))), 897);
});

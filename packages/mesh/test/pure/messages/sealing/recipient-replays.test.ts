/** What was recorded and is sent again long after: where memory of it has ended, nothing of it can be opened. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOfKey } from "@ropewalk/mesh/pure/mesh-address";
import { rememberedFor } from "@ropewalk/mesh/pure/messages/sealing/recipient-chains";
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

const day = 86_400;
const untimely = { kind: "refused", why: "untimely" };

/** To who has announced no prekey, from today; read by a recipient whose store says another time. */
function toIdentity(reader: "contact" | "stranger" = "contact") {
  const pair = new Pair();
  pair.chains = newChains(pair.recipient, pair.prekeys, {}, () => reader === "contact");
  const sealed = pair.sessions.seal(now, { ...pair.to, prekey: undefined }, saying(1), "class") ?? assert.fail();
  return { pair, open: (at: number) => pair.chains.open(storeTime(at), envelopeOf(sealed)) };
}

test("what was sealed to the identity alone counts for as long as it is remembered, and begins no chain after that", () => {
  const late = toIdentity();
  assert.deepEqual(late.open(today + rememberedFor), untimely);
  assert.equal(late.pair.chains.size.chains, 0);
  const early = toIdentity();
  assert.equal(openedOf(early.open(today + rememberedFor - 1)).by, "identity");
  assert.equal(early.pair.chains.size.chains, 1);
});

test("a stranger cannot write from so far in the future that he would be remembered for years; whose clock stands still hears his contacts", () => {
  assert.deepEqual(toIdentity("stranger").open(today - rememberedFor), untimely);
  assert.equal(toIdentity("stranger").open(today - rememberedFor + 1).kind, "opened");
  assert.equal(toIdentity("contact").open(0).kind, "opened");
});

test("what was sealed to a prekey counts as long as that lives, whatever its sender's clock says", () => {
  const pair = new Pair();
  const sealed = pair.seal(1);
  assert.equal(openedOf(pair.chains.open(storeTime(today + 10 * rememberedFor), envelopeOf(sealed))).by, "prekey");
});

test("an opening that comes again when its chain has ended does not bring back what came in that", () => {
  const pair = new Pair();
  const opening = pair.seal(0);
  assert.ok(pair.prove(opening).isFirst);
  const later = pair.seal(1);
  pair.prove(later);
  pair.chains.expire(storeTime(today + 32 * day));
  assert.equal(pair.chains.size.chains, 0);
  // While the prekey lives it can be opened, and the store knows that it came before.
  const again = openedOf(pair.chains.open(storeTime(today + 36 * day), envelopeOf(opening)));
  assert.ok(again.isFirst);
  pair.chains.unbegin(again);
  assert.deepEqual(pair.chains.open(storeTime(today + 60 * day), envelopeOf(later)), {
    kind: "refused",
    why: "unknown",
  });
  assert.deepEqual(pair.chains.size, { tags: 0, chains: 0, senders: 0 });
});

test("an opening that comes twice while its chain is used changes nothing of it", () => {
  const pair = new Pair();
  const opening = pair.seal(0);
  pair.prove(opening);
  assert.ok(!openedOf(pair.open(opening)).isFirst);
  assert.equal(pair.exchange(1), "chain");
});

test("who is made a contact is safe from strangers at once, also before he writes again; who is one no more is not", () => {
  for (const becomes of ["contact", "stranger"] as const) {
    const pair = new Pair();
    const contacts = new Set(becomes === "contact" ? [] : [pair.from]);
    pair.chains = newChains(pair.recipient, pair.prekeys, { mostTags: 3 * 40 }, (address) => contacts.has(address));
    talking(1, pair);
    if (becomes === "contact") contacts.add(pair.from);
    else contacts.delete(pair.from);
    pair.chains.regroup(pair.from);
    for (const stranger of [11, 12, 13, 14, 15, 16]) {
      const sealed = newSessions(person(stranger)).seal(now, pair.to, saying(stranger), "class") ?? assert.fail();
      openedOf(pair.open(sealed));
    }
    assert.ok(pair.chains.takeForgotten().some(({ sender }) => sender === addressOfKey(person(11).publicKey)));
    const outcome = pair.open(pair.seal(7));
    if (becomes === "contact") assert.equal(idOf(openedOf(outcome)), 7);
    else assert.equal(outcome.kind, "refused");
  }
});

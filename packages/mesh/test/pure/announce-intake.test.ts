/** What becomes of announces that neighbours tell: which are believed, for what, and at whose cost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { writeU32 } from "@ropewalk/kernel/big-endian";
import { seconds } from "@ropewalk/kernel/units";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { HeardAnnounce } from "@ropewalk/mesh/pure/wire/announce";
import { announceOf, LoneNode, neighbour, own } from "./lone-node.ts";
import { identity, read } from "./wire/announces.ts";

const [far, other] = [identity(50), identity(51)];
const waitingOf = (lone: LoneNode, by: number) => lone.node.waitingOf(by as LinkId);
const [capabilitiesAt, keyAt] = [2, 22];
/** From the end. */
const [hopsAt, signatureAt] = [-13, -77];

/** The same octets but for one. */
function withOctet(announce: HeardAnnounce, at: number, octet: number): HeardAnnounce {
  return read(announce.octets.with(at < 0 ? announce.octets.length + at : at, octet));
}

/** Of a key that nobody has: it is not found out before its signature is looked at. */
function stranger(number: number): HeardAnnounce {
  const octets = announceOf(far, 1).octets.slice();
  writeU32(octets, keyAt, number);
  return read(octets);
}

function offer(lone: LoneNode, by: number, announce: HeardAnnounce, label = 256): void {
  lone.hear(by, { type: "announce", label, announce: announce.octets });
}

/** To whom it tells of whom, how far and how new. */
function told(lone: LoneNode) {
  return lone.said("announce").map(({ to, frame }) => {
    const { hops, sequence, key } = new HeardAnnounce(frame.announce);
    return { to, of: key.toHex(), hops, sequence };
  });
}
const of = (who: { readonly publicKey: Uint8Array }) => who.publicKey.toHex();

test("who was not known waits for his proof, and is then reached by who told of him, under his label", () => {
  const lone = new LoneNode(2);
  offer(lone, 1, announceOf(far, 2), 300);
  assert.deepEqual([lone.route(far), waitingOf(lone, 1)], [undefined, 1]);
  assert.equal(lone.node.deadline(), lone.now);
  lone.wait(1);
  assert.deepEqual(lone.ways(far), [[1, 2]]);
  assert.deepEqual([lone.route(far)?.best?.label, lone.route(far)?.standing], [300, "unconfirmed"]);
  assert.deepEqual([lone.node.tally.announcesProved, waitingOf(lone, 1)], [1, 0]);
  lone.wait(100);
  assert.deepEqual(told(lone), [{ to: 2, of: of(far), hops: 3, sequence: 1 }]);
});

test("whose signature proves nothing is not believed, known or not", () => {
  const lone = new LoneNode(2);
  lone.tell(1, withOctet(announceOf(far, 2), signatureAt, 0));
  assert.deepEqual([lone.route(far), lone.refused("signature")], [undefined, 1]);
  lone.tell(1, announceOf(far, 2));
  lone.tell(2, withOctet(announceOf(far, 1, { sequence: 2 }), signatureAt, 0));
  assert.deepEqual([lone.route(far)?.announce.sequence, lone.refused("signature")], [1, 2]);
  assert.deepEqual(lone.ways(far), [[1, 2]]);
});

test("a copy of what was proved is another way at once, without a signature, also by who has told of it before", () => {
  const lone = new LoneNode(3);
  lone.tell(1, announceOf(far, 4));
  offer(lone, 2, announceOf(far, 9));
  assert.deepEqual(lone.ways(far), [
    [1, 4],
    [2, 9],
  ]);
  offer(lone, 2, announceOf(far, 3), 700);
  assert.deepEqual(lone.route(far)?.best, { link: 2, hops: 3, label: 700 });
  offer(lone, 2, announceOf(far, 8), 701);
  assert.deepEqual([lone.way(far), lone.route(far)?.by(2 as LinkId)?.hops], [1, 8]);
  assert.deepEqual([waitingOf(lone, 2), lone.node.tally.announcesProved], [0, 1]);
});

test("of a copy only its hops are believed, and where they are fewer, others' are proved by them", () => {
  const lone = new LoneNode(3);
  lone.tell(1, announceOf(far, 4));
  offer(lone, 2, withOctet(announceOf(far, 2), capabilitiesAt, 7));
  const { announce } = lone.route(far) ?? assert.fail();
  assert.deepEqual([announce.hops, announce.capabilities], [2, 1]);
  assert.equal(announce.octets.toHex(), announceOf(far, 2).octets.toHex());
  offer(lone, 3, announceOf(far, 3));
  assert.deepEqual(lone.ways(far), [
    [1, 4],
    [2, 2],
    [3, 3],
  ]);
});

test("a copy that changes nothing is done with, and counts against its link; another key that begins alike is no copy", () => {
  const lone = new LoneNode(5);
  lone.tell(1, announceOf(far, 2));
  for (const by of [2, 3, 4]) offer(lone, by, announceOf(far, 2));
  const ways = lone.ways(far);
  offer(lone, 5, announceOf(far, 2));
  offer(lone, 1, announceOf(far, 2));
  assert.deepEqual([lone.ways(far), waitingOf(lone, 5), waitingOf(lone, 1)], [ways, 0, 0]);
  for (const at of [6, 12, 18, 31]) {
    const alike = withOctet(announceOf(far, 2), keyAt + at, (announceOf(far, 2).key[at] ?? 0) ^ 0xff);
    const before = waitingOf(lone, 5);
    offer(lone, 5, alike);
    // Of keys with the same 101 bits, which nobody has, the second is heard where it would change something.
    assert.equal(waitingOf(lone, 5), before + (at < 13 ? 1 : 0), `octet ${at} of the key`);
  }
  const burst = 4_096;
  for (let copy = 0; copy < burst + 10; copy += 1) offer(lone, 4, announceOf(far, 2));
  assert.ok(lone.refused("rate") >= 10);
});

test("hops that are lowered are refused: of a copy by the chain, of what is new by the signature", () => {
  const lone = new LoneNode(2);
  const lowered = withOctet(announceOf(far, 4), hopsAt, 2);
  lone.tell(2, lowered);
  assert.deepEqual([lone.route(far), lone.refused("signature")], [undefined, 1]);
  lone.tell(1, announceOf(far, 4));
  lone.tell(2, lowered);
  assert.deepEqual([lone.ways(far), lone.refused("copy")], [[[1, 4]], 1]);
  assert.equal(lone.route(far)?.announce.hops, 4);
});

test("nobody passes for another: without a hop only the neighbour himself is told of, new or as a copy", () => {
  const lone = new LoneNode(2);
  lone.tell(1, announceOf(far, 0));
  assert.deepEqual([lone.route(far), lone.refused("not-its-own")], [undefined, 1]);
  lone.tell(1, announceOf(far, 2));
  lone.tell(2, announceOf(far, 0));
  assert.deepEqual([lone.ways(far), lone.refused("not-its-own")], [[[1, 2]], 2]);
  lone.tell(1, announceOf(neighbour(1), 0));
  assert.deepEqual([lone.route(neighbour(1))?.standing, lone.route(neighbour(1))?.distance], ["neighbour", 1]);
});

test("a neighbour who is told of anew by others alone has been there, and is a neighbour again when he says so", () => {
  const lone = new LoneNode(2);
  lone.tell(1, announceOf(neighbour(1), 0));
  lone.tell(2, announceOf(neighbour(1), 1, { sequence: 2 }));
  assert.equal(lone.route(neighbour(1))?.standing, "confirmed");
  lone.tell(1, announceOf(neighbour(1), 0, { sequence: 3 }));
  assert.equal(lone.route(neighbour(1))?.standing, "neighbour");
});

test("what is newer takes the place of all that was known, and holds as long as it says", () => {
  const lone = new LoneNode(3);
  lone.tell(1, announceOf(far, 2));
  lone.tell(2, announceOf(far, 3));
  lone.wait(60_000);
  const { label } = lone.route(far) ?? assert.fail();
  lone.tell(3, announceOf(far, 9, { sequence: 2, lifetime: seconds(100) }));
  assert.deepEqual(lone.ways(far), [[3, 9]]);
  assert.equal(lone.route(far)?.label, label, "neighbours reach him as before");
  lone.wait(90_000);
  assert.notEqual(lone.route(far), undefined);
  lone.wait(11_000);
  assert.equal(lone.route(far), undefined);
});

test("who tells what is old is told what is new, unless he leads there himself; its origin at once", () => {
  const lone = new LoneNode(3);
  lone.tell(1, announceOf(far, 2, { sequence: 5 }));
  lone.tell(1, announceOf(neighbour(3), 1, { sequence: 5 }));
  lone.wait(1_000);
  lone.said();
  offer(lone, 2, announceOf(far, 1, { sequence: 3 }));
  offer(lone, 1, announceOf(far, 1, { sequence: 3 }));
  assert.deepEqual([lone.refused("old"), told(lone)], [2, []]);
  lone.wait(100);
  assert.deepEqual(told(lone), [{ to: 2, of: of(far), hops: 3, sequence: 5 }]);
  assert.equal(lone.route(far)?.announce.sequence, 5);
  offer(lone, 3, announceOf(neighbour(3), 0, { sequence: 4 }));
  assert.deepEqual(told(lone), [{ to: 3, of: of(neighbour(3)), hops: 2, sequence: 5 }]);
});

test("a renewal is for who has no way any more: who has one keeps all who lead there", () => {
  const lone = new LoneNode(3);
  lone.tell(1, announceOf(far, 2));
  lone.tell(2, announceOf(far, 3));
  lone.wait(1_000);
  lone.said();
  const renewal = announceOf(far, 2, { sequence: 2, isRenewal: true });
  lone.tell(3, renewal);
  assert.deepEqual(
    [lone.ways(far), lone.refused("unneeded")],
    [
      [
        [1, 2],
        [2, 3],
      ],
      1,
    ],
  );
  lone.part(1);
  lone.part(2);
  lone.said();
  lone.tell(3, renewal);
  assert.deepEqual([lone.ways(far), lone.refused("unneeded")], [[[3, 2]], 1]);
});

test("who was asked for a renewal takes it, tells those who have asked and nobody else, and leads the others there as before", () => {
  const lone = new LoneNode(4);
  lone.tell(1, announceOf(far, 2));
  lone.tell(2, announceOf(far, 3));
  lone.wait(1_000);
  const label = lone.route(far)?.label;
  for (const by of [3, 4, 3])
    lone.hear(by, { type: "request", address: far.address, epoch: 1, sequence: 1, hopsLeft: 4 });
  lone.said();
  lone.tell(1, announceOf(far, 3, { sequence: 2, isRenewal: true }));
  const news = { of: of(far), hops: 4, sequence: 2 };
  assert.deepEqual(told(lone), [
    { to: 3, ...news },
    { to: 4, ...news },
  ]);
  lone.wait(1_000);
  assert.deepEqual(told(lone), []);
  assert.deepEqual([lone.ways(far), lone.route(far)?.label], [[[1, 3]], label]);
});

test("who was told that there is no way is told of a renewal, asked or not; who tells of an earlier announce has one", () => {
  const lone = new LoneNode(4);
  lone.tell(1, announceOf(far, 2));
  lone.wait(1_000);
  lone.part(1);
  lone.wait(100);
  lone.hear(3, { type: "request", address: far.address, epoch: 1, sequence: 1, hopsLeft: 4 });
  lone.said();
  lone.tell(2, announceOf(far, 4, { sequence: 2, isRenewal: true }));
  lone.wait(1_000);
  const news = { of: of(far), hops: 5, sequence: 2 };
  assert.deepEqual(told(lone), [
    { to: 3, ...news },
    { to: 4, ...news },
  ]);
  lone.tell(4, announceOf(far, 1));
  lone.wait(1_000);
  assert.deepEqual([told(lone), lone.refused("old")], [[], 1]);
});

test("what waits for its proof is judged by what is known when its turn comes", () => {
  const lone = new LoneNode(2);
  offer(lone, 1, announceOf(far, 2, { sequence: 7 }));
  offer(lone, 2, announceOf(far, 1, { sequence: 3 }));
  lone.wait(1);
  assert.deepEqual([lone.route(far)?.announce.sequence, lone.ways(far), lone.refused("old")], [7, [[1, 2]], 1]);
  offer(lone, 1, announceOf(other, 2));
  offer(lone, 2, announceOf(other, 1));
  lone.wait(1);
  assert.deepEqual(lone.ways(other), [
    [1, 2],
    [2, 1],
  ]);
});

test("its own announce from a time that it has forgotten makes it go on behind that, if it is proved", () => {
  const lone = new LoneNode(2);
  lone.tell(1, withOctet(announceOf(own, 2, { epoch: 9 }), signatureAt, 0));
  lone.wait(100);
  assert.deepEqual([told(lone), lone.refused("signature")], [[], 1]);
  lone.tell(1, announceOf(own, 0, { epoch: 9 }));
  lone.wait(100);
  const announced = lone.said("announce").map(({ frame }) => new HeardAnnounce(frame.announce));
  assert.deepEqual(
    announced.map(({ epoch, hops }) => [epoch, hops]),
    [
      [10, 0],
      [10, 0],
    ],
  );
  assert.deepEqual([lone.route(own), lone.refused("not-its-own")], [undefined, 0]);
});

test("strangers of one link wait in bounded numbers, and neither another link nor who is known waits for them", () => {
  const lone = new LoneNode(2);
  lone.tell(1, announceOf(far, 2));
  for (let number = 1; number <= 2_000; number += 1) offer(lone, 1, stranger(number));
  const waiting = waitingOf(lone, 1);
  assert.ok(waiting >= 1_000 && waiting < 2_000, `${waiting}`);
  assert.equal(lone.refused("rate"), 2_000 - waiting);
  offer(lone, 1, announceOf(far, 2, { sequence: 2 }));
  offer(lone, 2, announceOf(other, 2));
  lone.turn();
  assert.equal(lone.route(far)?.announce.sequence, 2);
  assert.notEqual(lone.route(other), undefined);
  assert.ok(waitingOf(lone, 1) > waiting / 2, "one turn is not for all of them");
});

test("a link brings strangers, and copies, as fast as it may and no faster", () => {
  const lone = new LoneNode(2);
  for (let number = 1; number <= 2_500; number += 1) {
    offer(lone, 1, stranger(number));
    if (number % 1_000 === 0) while (waitingOf(lone, 1) > 0) lone.turn();
  }
  assert.equal(lone.node.tally.overRate.of("new-announce", "rate"), 2_500 - 2_048);
  lone.tell(2, announceOf(far, 2));
  for (let count = 0; count < 5_000; count += 1) offer(lone, 1, announceOf(far, 3));
  assert.equal(lone.node.tally.overRate.of("known-announce", "rate"), 5_000 - 4_096);
  assert.equal(lone.refused("rate"), 2_500 - 2_048 + 5_000 - 4_096);
});

test("what waits of a link goes with it", () => {
  const lone = new LoneNode(2);
  offer(lone, 1, announceOf(far, 2));
  lone.part(1);
  assert.equal(waitingOf(lone, 1), 0);
  lone.wait(1_000);
  assert.deepEqual([lone.route(far), lone.node.tally.announcesProved], [undefined, 0]);
});

test("a way that is taken back is gone a moment later, by who took it back and under that label alone", () => {
  const lone = new LoneNode(3);
  lone.tell(1, announceOf(far, 2), 300);
  lone.tell(2, announceOf(far, 2), 300);
  lone.tell(1, announceOf(other, 2), 556);
  lone.hear(1, { type: "withdraw", labels: [299, 300] });
  lone.wait(4);
  assert.equal(lone.ways(far).length, 2, "what others take back meanwhile goes with it");
  lone.wait(1);
  assert.deepEqual(lone.ways(far), [[2, 2]]);
  assert.deepEqual(lone.ways(other), [[1, 2]]);
  lone.hear(2, { type: "withdraw", labels: [301] });
  lone.wait(5);
  assert.deepEqual(lone.ways(far), [[2, 2]]);
});

test("what others take back in the same moment goes together, so that no way is told of that is gone too", () => {
  const lone = new LoneNode(4);
  for (const by of [1, 2]) lone.tell(by, announceOf(far, 2), 300);
  lone.wait(1_000);
  lone.said();
  lone.hear(1, { type: "withdraw", labels: [300] });
  lone.wait(4);
  lone.hear(2, { type: "withdraw", labels: [300] });
  lone.wait(100);
  assert.deepEqual(lone.ways(far), []);
  assert.deepEqual(told(lone), []);
});

/** Told of by 1, and told on to 2 and 3. */
function relying(unlike: ConstructorParameters<typeof LoneNode>[1] = {}): LoneNode {
  const lone = new LoneNode(3, unlike);
  lone.tell(1, announceOf(far, 2), 300);
  lone.wait(1_000);
  lone.said();
  return lone;
}
/** What it says when the way that all relied on is gone. */
function lamented(lone: LoneNode, lose: (lone: LoneNode) => void) {
  const { label } = lone.route(far) ?? assert.fail();
  lose(lone);
  lone.wait(100);
  const said = lone.said();
  const withdrawn = said.filter(({ frame }) => frame.type === "withdraw" && frame.labels.includes(label));
  return {
    withdrawn: withdrawn.map(({ to }) => to),
    asked: said.filter(({ frame }) => frame.type === "request").map(({ to }) => to),
    isOther: lone.route(far)?.label !== label,
  };
}
const takeBack = (lone: LoneNode) => lone.hear(1, { type: "withdraw", labels: [300] });

test("where the last way is gone all who were told of it are told so, and the label leads nowhere", () => {
  assert.deepEqual(lamented(relying(), takeBack), { withdrawn: [1, 2, 3], asked: [], isOther: true });
});

test("of whom nobody was told nothing is taken back", () => {
  const lone = new LoneNode(1);
  lone.tell(1, announceOf(far, 2), 300);
  lone.wait(1_000);
  assert.deepEqual(lamented(lone, takeBack).withdrawn, []);
});

test("he is asked for where packets went to him of late, where he is a contact, and at the link that is gone", () => {
  const used = relying();
  used.probe(1, far);
  used.wait(50_000);
  used.said();
  assert.deepEqual(lamented(used, takeBack).asked, [1, 2, 3]);
  const contact = relying({ routes: { most: 100, contacts: [far.address] } });
  assert.deepEqual(lamented(contact, takeBack).asked, [1, 2, 3]);
  const before = relying();
  before.probe(1, far);
  before.wait(61_000);
  before.said();
  assert.deepEqual(lamented(before, takeBack).asked, []);
  assert.deepEqual(lamented(relying(), (lone) => lone.part(1)).asked, [2, 3]);
});

test("who lost a way with all others asks his neighbours alone a second later, unless another has shown", () => {
  const lone = relying();
  lone.hear(1, { type: "withdraw", labels: [300] });
  lone.wait(900);
  assert.deepEqual(lone.said("request"), []);
  lone.wait(200);
  const asked = lone.said("request").map(({ to, frame }) => [to, frame.hopsLeft]);
  assert.deepEqual(asked, [
    [1, 0],
    [2, 0],
    [3, 0],
  ]);
  lone.wait(10_000);
  assert.deepEqual(lone.said("request"), []);
});

test("for whom nobody needs not all are asked, and for who is needed all are in the end", () => {
  const furthest = (lone: LoneNode) => {
    lone.part(1);
    lone.wait(30_000);
    return Math.max(...lone.said("request").map(({ frame }) => frame.hopsLeft));
  };
  assert.ok(furthest(relying()) < 10);
  const used = relying();
  used.probe(1, far);
  assert.equal(furthest(used), 64);
});

test("who is forgotten while he is asked for is asked for no more", () => {
  const lone = new LoneNode(2);
  lone.tell(1, announceOf(far, 2, { lifetime: seconds(10) }), 300);
  lone.wait(8_000);
  lone.probe(1, far);
  lone.wait(1_500);
  takeBack(lone);
  lone.wait(100);
  assert.equal(lone.said("request").length, 2);
  lone.wait(1_900);
  assert.equal(lone.route(far), undefined);
  lone.said();
  lone.wait(10_000);
  assert.deepEqual(lone.said("request"), []);
});

test("where only ways are left that may lead back it is taken back too, and asked for by those who have them", () => {
  const lone = relying();
  lone.tell(2, announceOf(far, 9));
  lone.wait(1_000);
  lone.said();
  assert.deepEqual(lamented(lone, takeBack), { withdrawn: [1, 2, 3], asked: [2], isOther: true });
  assert.deepEqual([lone.way(far), lone.ways(far)], [undefined, [[2, 9]]]);
});

test("who is told of again, nearer than was told, is reached again, told of, and asked for no more", () => {
  const lone = relying();
  lone.part(1);
  lone.wait(100);
  lone.said();
  offer(lone, 2, announceOf(far, 3));
  lone.wait(100);
  assert.deepEqual([lone.way(far), told(lone)], [undefined, []]);
  offer(lone, 3, announceOf(far, 1));
  lone.wait(100);
  assert.deepEqual([lone.way(far), told(lone)], [3, [{ to: 2, of: of(far), hops: 2, sequence: 1 }]]);
  lone.wait(5_000);
  assert.deepEqual(lone.said("request"), []);
});

test("that another who is as near takes the place of the best is told to nobody", () => {
  const lone = new LoneNode(3);
  for (const by of [1, 2]) lone.tell(by, announceOf(far, 2), 300);
  lone.wait(1_000);
  lone.said();
  takeBack(lone);
  lone.wait(1_000);
  const about = lone.said().filter(({ frame }) => frame.type === "announce" || frame.type === "withdraw");
  assert.deepEqual([lone.way(far), about], [2, []]);
});

test("whom nobody has announced for as long as he said is forgotten, and those who were told of him are told so", () => {
  const lone = new LoneNode(2);
  lone.tell(1, announceOf(far, 2, { lifetime: seconds(10) }));
  lone.wait(1_000);
  lone.said();
  const { label } = lone.route(far) ?? assert.fail();
  lone.wait(8_000);
  assert.notEqual(lone.route(far), undefined);
  lone.said();
  lone.wait(2_000);
  assert.equal(lone.route(far), undefined);
  const labels = lone.said("withdraw").map(({ to, frame }) => [to, frame.labels]);
  assert.deepEqual(
    labels,
    [1, 2].map((to) => [to, [label]]),
  );
  lone.wait(5_000);
  assert.deepEqual(lone.said("request"), []);
});

/** With a full table of four, of link 1; and another link. */
function full(contacts: readonly { readonly address: string }[] = []): LoneNode {
  const routes = { most: 4, contacts: contacts.map(({ address }) => address as never) };
  const lone = new LoneNode(2, { routes });
  for (let number = 0; number < 4; number += 1) lone.tell(1, announceOf(identity(60 + number), 2));
  lone.wait(1_000);
  lone.said();
  return lone;
}
const there = (lone: LoneNode) => [60, 61, 62, 63].filter((number) => lone.route(identity(number)) !== undefined);

test("in a full table a stranger takes the place of the youngest of the link that has the most, who is taken back", () => {
  const lone = full();
  const { label } = lone.route(identity(63)) ?? assert.fail();
  lone.tell(2, announceOf(far, 2));
  assert.deepEqual([there(lone), lone.way(far), lone.node.routeCount], [[60, 61, 62], 2, 4]);
  lone.wait(100);
  assert.ok(lone.said("withdraw").some(({ frame }) => frame.labels.includes(label)));
});

test("a link that brings strangers into a full table by the dozen brings none in the end, but contacts", () => {
  const lone = full([far]);
  for (let number = 120; number < 240; number += 1) lone.tell(1, announceOf(identity(number), 2));
  const refused = lone.refused("full");
  assert.ok(refused > 40 && refused < 100, `${refused}`);
  assert.equal(lone.node.routeCount, 4);
  lone.tell(2, announceOf(other, 2));
  assert.notEqual(lone.route(other), undefined, "another link is not held to account");
  lone.tell(1, announceOf(far, 2));
  assert.equal(lone.way(far), 1);
  assert.equal(lone.refused("full"), refused);
});

test("where nobody may give way a stranger is refused, and nobody is forgotten for him", () => {
  const lone = full([60, 61, 62, 63].map(identity));
  lone.tell(2, announceOf(other, 2));
  assert.deepEqual([there(lone), lone.route(other), lone.refused("full")], [[60, 61, 62, 63], undefined, 1]);
});

test("who gave way is not taken back at as many hops as he was told to be, and is by what is newer", () => {
  const lone = full();
  lone.tell(2, announceOf(far, 2));
  lone.tell(2, announceOf(identity(63), 3));
  assert.equal(lone.route(identity(63)), undefined);
  assert.equal(lone.node.tally.announcesRefused.get("full"), 1);
  lone.tell(2, announceOf(identity(63), 3, { sequence: 2 }));
  assert.notEqual(lone.route(identity(63)), undefined);
});

test("of as many next hops as are kept the furthest gives way to who is nearer, and to nobody else", () => {
  const lone = new LoneNode(6);
  for (const by of [1, 2, 3, 4]) lone.tell(by, announceOf(far, by === 4 ? 8 : 5));
  const before = lone.ways(far);
  lone.tell(5, announceOf(far, 9));
  assert.deepEqual(lone.ways(far), before);
  lone.tell(5, announceOf(far, 6));
  assert.deepEqual(lone.ways(far), [
    [1, 5],
    [2, 5],
    [3, 5],
    [5, 6],
  ]);
});

test("nor does a next hop give way to one that is nearer than it by a link that costs more than that is worth", () => {
  const lone = new LoneNode(4);
  for (const by of [1, 2, 3, 4]) lone.tell(by, announceOf(far, 5));
  lone.join(5, { cost: 1_000 });
  const before = lone.ways(far);
  lone.tell(5, announceOf(far, 4));
  assert.deepEqual(lone.ways(far), before);
});

test("what has come further than an announce may go, or says so, is none", () => {
  const lone = new LoneNode(1);
  const beyond = announceOf(far, 2).octets.slice();
  beyond[11] = 65;
  lone.hear(1, { type: "announce", label: 256, announce: beyond });
  const spent = announceOf(far, 3, { maxHops: 4 }).octets.slice();
  spent[spent.length + hopsAt] = 4;
  lone.hear(1, { type: "announce", label: 256, announce: spent });
  lone.wait(10);
  assert.deepEqual([lone.route(far), lone.refused("hops")], [undefined, 2]);
});

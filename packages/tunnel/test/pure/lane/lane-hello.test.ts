import assert from "node:assert/strict";
import { test } from "node:test";
import { sha384 } from "@ropewalk/crypto/sha384";
import { joined } from "@ropewalk/kernel/bytes";
import {
  epochOfHello,
  LaneOffer,
  LaneWelcomes,
  laneHelloLength,
  laneHelloOctet,
  laneWelcomeLength,
} from "@ropewalk/tunnel/pure/lane/lane-hello";
import { type Epoch, epoch, nonceOf } from "./epochs.ts";

const here = epoch(1);
const offerOf = (of: Epoch = here, lane = 1, nonce = nonceOf(1)) =>
  new LaneOffer(sha384, { epoch: of.id, keys: of.keys, lane, nonce });
const welcomesOf = ({ id, keys }: Epoch = here) => new LaneWelcomes(sha384, id, keys);
const flipped = (octets: Uint8Array, bit: number) =>
  octets.map((octet, at) => (at === bit >> 3 ? octet ^ (1 << (bit & 7)) : octet));

test("both ends come to the same secrets, one for each direction, and the source keeps what came behind the welcome", () => {
  const offer = offerOf();
  assert.deepEqual([offer.hello.length, offer.hello[0]], [laneHelloLength, laneHelloOctet]);
  assert.deepEqual(epochOfHello(offer.hello), here.id);
  const welcomed = welcomesOf().answer(offer.hello, nonceOf(2)) ?? assert.fail();
  assert.deepEqual([welcomed.lane, welcomed.welcome.length], [1, laneWelcomeLength]);
  const step = offer.receive(joined(welcomed.welcome, Uint8Array.of(1, 2, 3)));
  assert.deepEqual(step, { kind: "welcomed", secrets: welcomed.secrets, rest: Uint8Array.of(1, 2, 3) });
  assert.notDeepEqual(welcomed.secrets.source, welcomed.secrets.destination);
});

test("a welcome may come octet by octet", () => {
  const offer = offerOf();
  const welcomed = welcomesOf().answer(offer.hello, nonceOf(2)) ?? assert.fail();
  const steps = [...welcomed.welcome].map((octet) => offer.receive(Uint8Array.of(octet)));
  assert.deepEqual(new Set(steps.slice(0, -1).map(({ kind }) => kind)), new Set(["more"]));
  assert.deepEqual(steps.at(-1), { kind: "welcomed", secrets: welcomed.secrets, rest: new Uint8Array() });
});

test("a hello of which one bit is another is not answered, and the true one still is", () => {
  const { hello } = offerOf();
  const welcomes = welcomesOf();
  for (let bit = 0; bit < hello.length * 8; bit += 1) {
    assert.equal(welcomes.answer(flipped(hello, bit), nonceOf(2)), undefined, `bit ${bit}`);
  }
  for (let length = 0; length < hello.length; length += 1) {
    assert.equal(welcomes.answer(hello.subarray(0, length), nonceOf(2)), undefined);
  }
  assert.equal(welcomes.answer(joined(hello, Uint8Array.of(0)), nonceOf(2)), undefined);
  assert.ok(welcomes.answer(hello, nonceOf(2)) !== undefined);
});

test("a welcome of which one bit is another makes no lane, and nothing that comes later does", () => {
  const { welcome } = welcomesOf().answer(offerOf().hello, nonceOf(2)) ?? assert.fail();
  for (let bit = 0; bit < welcome.length * 8; bit += 1) {
    const offer = offerOf();
    assert.deepEqual(offer.receive(flipped(welcome, bit)), { kind: "refused" }, `bit ${bit}`);
    assert.deepEqual(offer.receive(welcome), { kind: "refused" });
  }
});

test("a welcome for another hello, another epoch's or the hello itself makes no lane", () => {
  const answer = (of: Epoch, { hello }: LaneOffer) => welcomesOf(of).answer(hello, nonceOf(2))?.welcome;
  const others = [
    answer(here, offerOf(here, 1, nonceOf(9))),
    answer(here, offerOf(here, 2)),
    answer(epoch(2), offerOf(epoch(2))),
    offerOf().hello,
  ];
  for (const other of others) assert.deepEqual(offerOf().receive(other ?? assert.fail()), { kind: "refused" });
});

test("what cannot become a welcome is refused with its first octet", () => {
  assert.deepEqual(offerOf().receive(Uint8Array.of(0x16)), { kind: "refused" });
  assert.deepEqual(offerOf().receive(Uint8Array.of(0x57, 2)), { kind: "refused" });
});

test("each lane is welcomed once: a hello that comes again is not answered, nor is another of the same number", () => {
  const welcomes = welcomesOf();
  const { hello } = offerOf();
  assert.ok(welcomes.answer(hello, nonceOf(2)) !== undefined);
  assert.equal(welcomes.answer(hello, nonceOf(3)), undefined);
  assert.equal(welcomes.answer(offerOf(here, 1, nonceOf(9)).hello, nonceOf(3)), undefined);
  assert.ok(welcomes.answer(offerOf(here, 2).hello, nonceOf(3)) !== undefined);
});

test("a lane's number is greater than all before: one that was passed over is not welcomed", () => {
  const welcomes = welcomesOf();
  const numbers = [2, 1, 5, 4, 5, 6];
  const welcomed = numbers.filter((lane) => welcomes.answer(offerOf(here, lane).hello, nonceOf(2)) !== undefined);
  assert.deepEqual(welcomed, [2, 5, 6]);
});

test("both ends come to the same secrets when lanes between were lost, the first of each end on its own", () => {
  const { keys } = here;
  const welcomes = welcomesOf();
  for (const lane of [1, 4, 5]) {
    const offer = new LaneOffer(sha384, { epoch: here.id, keys, lane, nonce: nonceOf(lane) });
    const welcomed = welcomes.answer(offer.hello, nonceOf(9)) ?? assert.fail();
    assert.deepEqual(offer.receive(welcomed.welcome), {
      ...{ kind: "welcomed", secrets: welcomed.secrets, rest: new Uint8Array() },
    });
  }
});

test("a welcome that comes after a later lane's makes no lane at the source", () => {
  const { keys } = here;
  const welcomes = welcomesOf();
  const [late, later] = [1, 2].map(
    (lane) => new LaneOffer(sha384, { epoch: here.id, keys, lane, nonce: nonceOf(lane) }),
  );
  const [first, second] = [late, later].map((offer) => welcomes.answer(offer?.hello ?? assert.fail(), nonceOf(9)));
  assert.equal(later?.receive(second?.welcome ?? assert.fail()).kind, "welcomed");
  assert.deepEqual(late?.receive(first?.welcome ?? assert.fail()), { kind: "refused" });
});

test("an epoch has 64 lanes and no more, and none that is numbered 0", () => {
  const welcomes = welcomesOf();
  assert.equal(welcomes.answer(offerOf(here, 0).hello, nonceOf(2)), undefined);
  const numbers = Array.from({ length: 70 }, (_, index) => index + 1);
  const welcomed = numbers.filter((lane) => welcomes.answer(offerOf(here, lane).hello, nonceOf(2)) !== undefined);
  assert.deepEqual(welcomed, numbers.slice(0, 64));
});

test("an epoch's secrets are of no use in another: its hello is not answered there, whatever epoch it names", () => {
  const other = epoch(2);
  assert.equal(welcomesOf(other).answer(offerOf(here).hello, nonceOf(2)), undefined);
  const misnamed = offerOf({ id: other.id, keys: here.keys }).hello;
  assert.equal(welcomesOf(other).answer(misnamed, nonceOf(2)), undefined);
  assert.equal(welcomesOf(here).answer(misnamed, nonceOf(2)), undefined);
});

test("who holds only the destination's secrets cannot speak as the source", () => {
  const { laneAuthentication, ...others } = here.keys;
  const swapped = { source: laneAuthentication.destination, destination: laneAuthentication.source };
  const thief = { id: here.id, keys: { ...others, laneAuthentication: swapped } };
  assert.equal(welcomesOf().answer(offerOf(thief).hello, nonceOf(2)), undefined);
});

test("each end's nonce, and the lane's number, change the secrets of both directions", () => {
  const seen = new Set<string>();
  const ways: readonly (readonly [number, number, number])[] = [
    [1, 1, 2],
    [1, 3, 2],
    [1, 1, 3],
    [2, 1, 2],
  ];
  for (const [lane, own, peer] of ways) {
    const { secrets } = welcomesOf().answer(offerOf(here, lane, nonceOf(own)).hello, nonceOf(peer)) ?? assert.fail();
    seen.add(secrets.source.toHex()).add(secrets.destination.toHex());
  }
  assert.equal(seen.size, ways.length * 2);
});

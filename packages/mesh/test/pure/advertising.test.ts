/** What neighbours are told of others: how far, by whom, how fast, and what not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bitsPerSecond, millis } from "@ropewalk/kernel/units";
import { Advertising } from "@ropewalk/mesh/pure/advertising";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import type { MeshOutput } from "@ropewalk/mesh/pure/mesh-output";
import { Neighbour } from "@ropewalk/mesh/pure/neighbour";
import { DropCounts } from "@ropewalk/mesh/pure/protection/drop-counts";
import { Route } from "@ropewalk/mesh/pure/routing/route";
import { HeardAnnounce } from "@ropewalk/mesh/pure/wire/announce";
import { isProved, makeAnnounce } from "@ropewalk/mesh/pure/wire/announce-proof";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import { factsOf } from "./small-mesh.ts";
import { identity, plainContent } from "./wire/announces.ts";

const origin = identity(1);
const link = (number: number) => number as LinkId;

function scene(rate = 1e7) {
  const outputs: MeshOutput[] = [];
  const neighbours = new Map<LinkId, Neighbour>();
  for (const number of [1, 2, 3]) {
    const facts = { ...factsOf(identity(9)), bitrate: bitsPerSecond(rate) };
    neighbours.set(link(number), new Neighbour(link(number), facts, millis(0), new DropCounts()));
  }
  const advertising = new Advertising(neighbours, (output) => void outputs.push(output));
  /** Until it is done, at most so long: what is told, by link. */
  const run = (until: number) => {
    for (let at = advertising.deadline; at !== undefined && at <= until; at = advertising.deadline)
      advertising.flush(at);
    return outputs.splice(0).flatMap<readonly (number | string)[]>((output) => {
      const frame = output.kind === "transmit" ? decodeFrame(output.frame) : undefined;
      if (output.kind !== "transmit" || frame === undefined) return [];
      if (frame.type === "announce") {
        const heard = new HeardAnnounce(frame.announce);
        assert.ok(isProved(origin, heard), "whoever hears it can prove it");
        return [[output.link, heard.hops]];
      }
      return frame.type === "withdraw" ? [[output.link, ...frame.labels.map((label) => `-${label}`)]] : [];
    });
  };
  return { advertising, neighbours, run, outputs };
}

const usual = makeAnnounce(origin, plainContent);
const routeTo = (hops: readonly (readonly [number, number])[], maxHops = 64, label = 512) => {
  const announce = maxHops === 64 ? usual : makeAnnounce(origin, { ...plainContent, maxHops });
  const route = new Route(origin.address, announce, label, millis(1e9), Number.POSITIVE_INFINITY);
  for (const [number, far] of hops) route.lead({ link: link(number), hops: far, label: 1 });
  return route;
};

test("a way is told a moment later, one hop further, to all but who leads there and who is nearer himself", () => {
  const { advertising, run } = scene();
  advertising.tell(millis(0), routeTo([[1, 4]]));
  assert.deepEqual(run(10), []);
  assert.deepEqual(run(1_000), [
    [2, 5],
    [3, 5],
  ]);
  const other = scene();
  const route = routeTo([
    [1, 4],
    [2, 4],
    [3, 5],
  ]);
  other.advertising.tell(millis(0), route);
  assert.deepEqual(other.run(1_000), [[3, 5]]);
});

test("nothing is told further than its origin lets it go", () => {
  const { advertising, run } = scene();
  advertising.tell(millis(0), routeTo([[1, 2]], 4));
  assert.deepEqual(run(1_000).length, 2);
  advertising.tell(millis(1_000), routeTo([[1, 3]], 4));
  assert.deepEqual(run(2_000), []);
});

test("what was taken back goes before what is told, and what is gone is told to nobody", () => {
  const { advertising, run } = scene();
  const [one, gone] = [routeTo([[1, 4]]), routeTo([[1, 4]], 64, 768)];
  advertising.tell(millis(0), one);
  advertising.tell(millis(0), gone);
  advertising.withdraw(millis(0), 256);
  advertising.forget(gone);
  assert.deepEqual(run(1_000), [
    [1, "-256"],
    [2, "-256"],
    [2, 5],
    [3, "-256"],
    [3, 5],
  ]);
});

test("that it is nearer now is told later than that it is there, and once", () => {
  const { advertising, run } = scene();
  const route = routeTo([[1, 9]]);
  advertising.tell(millis(0), route);
  run(1_000);
  for (const hops of [7, 5, 3]) {
    // Who comes nearer brings the announce from there.
    route.announce = routeTo([]).announce;
    route.lead({ link: link(1), hops, label: 1 });
    advertising.tell(millis(1_000), route);
  }
  assert.deepEqual(run(1_100), []);
  assert.deepEqual(run(3_000), [
    [2, 4],
    [3, 4],
  ]);
});

test("a poor link is told of many no faster than half of what it carries, and of all in the end", () => {
  const { advertising, neighbours, run } = scene(80_000);
  const routes = Array.from({ length: 300 }, (_, index) => routeTo([[1, 4]], 64, 512 + index * 256));
  for (const neighbour of [...neighbours.values()].slice(2))
    for (const route of routes) advertising.tellOne(millis(0), neighbour, route);
  const first = run(100).length;
  assert.ok(first * 136 <= 16_384 + 136, `${first}`);
  const second = run(1_100).length;
  assert.ok(second * 136 <= 5_000 + 8 * 136, `${second} in a second`);
  assert.equal(first + second + run(60_000).length, 300);
});

test("a route is told to one neighbour alone where only he is to know", () => {
  const { advertising, neighbours, run } = scene();
  advertising.tellOne(millis(0), neighbours.get(link(3)) ?? assert.fail(), routeTo([[1, 4]]));
  assert.deepEqual(run(1_000), [[3, 5]]);
});

test("who asks is told at once, by a way that does not lead through him, and that counts as told", () => {
  const { advertising, neighbours, run } = scene();
  const asking = neighbours.get(link(2)) ?? assert.fail();
  const route = routeTo([
    [1, 6],
    [2, 3],
  ]);
  assert.equal(advertising.answer(asking, route), true);
  assert.deepEqual(run(0), [[2, 7]]);
  assert.deepEqual([route.told, route.nearest, route.isLabelOut], [7, 7, true]);
  assert.equal(advertising.answer(asking, routeTo([[2, 3]])), false);
  assert.equal(advertising.answer(asking, routeTo([[1, 5]], 6)), false);
  assert.equal(advertising.answer(asking, routeTo([[1, 5]], 7)), true);
});

test("what is given back to who announced it goes at once, as it is known", () => {
  const { advertising, neighbours, run } = scene();
  const route = routeTo([[1, 4]]);
  advertising.giveBack(neighbours.get(link(2)) ?? assert.fail(), route);
  assert.deepEqual(run(0), [[2, route.announce.hops]]);
  assert.equal(route.told, undefined);
});

test("what is told has the label under which this node takes packets for it, and is told as it is by then", () => {
  const { advertising, outputs } = scene();
  const route = routeTo([[1, 4]], 64, 777);
  advertising.tell(millis(0), route);
  route.lead({ link: link(1), hops: 2, label: 1 });
  advertising.flush(advertising.deadline ?? assert.fail());
  const labels = outputs.map((output) => {
    const frame = output.kind === "transmit" ? decodeFrame(output.frame) : undefined;
    return frame?.type === "announce" && [frame.label, new HeardAnnounce(frame.announce).hops];
  });
  assert.deepEqual(labels, [
    [777, 3],
    [777, 3],
  ]);
  assert.equal(advertising.deadline, undefined);
});

test("a way that is lost before it is told is told to nobody, and one that is as far as was told not again", () => {
  const { advertising, run } = scene();
  const lost = routeTo([[1, 4]]);
  advertising.tell(millis(0), lost);
  lost.unlead(link(1));
  assert.deepEqual(run(1_000), []);
  const route = routeTo([[1, 4]]);
  advertising.tell(millis(1_000), route);
  run(2_000);
  advertising.tell(millis(2_000), route);
  assert.deepEqual(run(3_000), []);
});

test("many labels are taken back in frames that may be as long, and from one neighbour no more than one such frame at once", () => {
  const { advertising, neighbours, run } = scene();
  for (let label = 1; label <= 300; label += 1) advertising.withdraw(millis(0), label);
  assert.deepEqual(
    run(100).flatMap((said) => said.length - 1),
    [256, 44, 256, 44, 256, 44],
  );
  const one = neighbours.get(link(2)) ?? assert.fail();
  for (let label = 1; label <= 300; label += 1) advertising.withdrawFrom(millis(100), one, label);
  const said = run(200);
  assert.deepEqual([said.length, said[0]?.[0], said[0]?.length], [1, 2, 257]);
});

test("what changes again and again is told a moment after it began to, and other news between does not put it off", () => {
  const { advertising, run } = scene();
  const route = routeTo([[1, 20]]);
  advertising.tell(millis(0), route);
  run(1_000);
  for (const [index, hops] of [9, 8, 7].entries()) {
    route.announce = routeTo([]).announce;
    route.lead({ link: link(1), hops, label: 1 });
    advertising.tell(millis(1_000 + 100 * index), route);
  }
  advertising.tell(millis(1_200), routeTo([[1, 2]]));
  assert.deepEqual(run(1_249), [
    [2, 3],
    [3, 3],
  ]);
  assert.deepEqual(run(1_250), [
    [2, 8],
    [3, 8],
  ]);
});

test("of a route that is gone nothing is told later, though its way was never lost", () => {
  const { advertising, run } = scene();
  const route = routeTo([[1, 9]]);
  advertising.tell(millis(0), route);
  run(1_000);
  route.lead({ link: link(1), hops: 3, label: 1 });
  advertising.tell(millis(1_000), route);
  advertising.forget(route);
  assert.deepEqual(run(5_000), []);
});

/** More than a neighbour takes of strangers at once; and what it was told of by `until`, by link. */
function crowded(ways: readonly (readonly [number, number])[]) {
  const { advertising, run } = scene(1e9);
  const crowd = Array.from({ length: 2_000 }, (_, index) => routeTo(ways, 64, 512 + 256 * index));
  const told = (until: number) => {
    const links = run(until).map(([by]) => by);
    return [2, 3].map((one) => links.filter((by) => by === one).length);
  };
  return { advertising, crowd, told };
}

test("who is new is told of as fast as a neighbour takes strangers, and who is not as fast as the link carries", () => {
  const { advertising, crowd, told } = crowded([[1, 4]]);
  for (const route of crowd) advertising.tell(millis(0), route);
  const [atOnce = 0] = told(500);
  assert.ok(atOnce > 1_000 && atOnce < 1_700, `${atOnce}`);
  const newer = makeAnnounce(origin, { ...plainContent, sequence: 2 });
  for (const route of crowd.slice(0, 500)) {
    route.renew(newer, millis(1e9));
    route.lead({ link: link(1), hops: 4, label: 1 });
    advertising.tell(millis(500), route);
  }
  const [again = 0] = told(550);
  assert.ok(again >= 500 && again < 520, `${again}`);
});

test("whom a neighbour has told of himself he is not new to, however many they are", () => {
  const { advertising, crowd, told } = crowded([
    [1, 4],
    [2, 9],
  ]);
  for (const route of crowd) advertising.tell(millis(0), route);
  const [toWhoKnows, toWhoDoesNot = 0] = told(500);
  assert.equal(toWhoKnows, 2_000);
  assert.ok(toWhoDoesNot < 1_700);
});

test("who waits to be told of as a stranger does not come sooner, or twice, because there is more to tell of him", () => {
  const { advertising, crowd, told } = crowded([[1, 4]]);
  for (const route of crowd) advertising.tell(millis(0), route);
  const [first = 0] = told(500);
  for (const route of crowd.slice(1_900)) {
    route.tell(9);
    advertising.tell(millis(500), route);
  }
  const [soon = 0] = told(1_000);
  assert.ok(soon < 60, `${soon}`);
  const [rest = 0] = told(20_000);
  assert.equal(first + soon + rest, 2_000);
});

test("of those whose way is lost before it is told none counts as told", () => {
  const { advertising, crowd, told } = crowded([[1, 4]]);
  for (const route of crowd) advertising.tell(millis(0), route);
  for (const route of crowd.slice(0, 1_000)) route.unlead(link(1));
  assert.deepEqual(told(500), [1_000, 1_000]);
});

/** The node's own announce: when it is made, on which links it is told, and with which epoch and sequence. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bitsPerSecond, type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import type { MeshOutput, SequenceMark } from "@ropewalk/mesh/pure/mesh-output";
import { Neighbour } from "@ropewalk/mesh/pure/neighbour";
import { OwnAdvertising } from "@ropewalk/mesh/pure/own-advertising";
import { OwnAnnounce } from "@ropewalk/mesh/pure/own-announce";
import { DropCounts } from "@ropewalk/mesh/pure/protection/drop-counts";
import { HeardAnnounce, isNewer } from "@ropewalk/mesh/pure/wire/announce";
import { makeAnnounce } from "@ropewalk/mesh/pure/wire/announce-proof";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import fc from "fast-check";
import { factsOf, usualConfig } from "./small-mesh.ts";
import { identity, plainContent } from "./wire/announces.ts";

const crypto = identity(1);
const link = (number: number) => number as LinkId;

/** A node with one neighbour on a link of each of these rates. */
function scene(rates: readonly number[], mark: SequenceMark = { epoch: 1, sequence: 1 }) {
  const neighbours = new Map<LinkId, Neighbour>();
  const outputs: MeshOutput[] = [];
  const emit = (output: MeshOutput) => void outputs.push(output);
  const own = new OwnAdvertising({ config: usualConfig, crypto, neighbours, label: 256, emit }, mark, () => 0.5);
  for (const [index, rate] of rates.entries()) {
    const facts = { ...factsOf(identity(2)), bitrate: bitsPerSecond(rate) };
    neighbours.set(link(index), new Neighbour(link(index), facts, millis(0), new DropCounts()));
  }
  const told = () =>
    outputs.splice(0).flatMap((output) => {
      const frame = output.kind === "transmit" ? decodeFrame(output.frame) : undefined;
      return output.kind === "transmit" && frame?.type === "announce"
        ? [{ link: output.link, announce: new HeardAnnounce(frame.announce) }]
        : [];
    });
  return { own, neighbours, told, outputs };
}

test("it is made every ten minutes, and told on every link", () => {
  const { own, told } = scene([1e7, 1e7]);
  const at: number[] = [];
  for (let now = 0; now < 3_000_000; now = own.deadline) {
    own.expire(millis(now));
    if (told().length === 2) at.push(now);
  }
  assert.deepEqual(at, [0, 600_000, 1_200_000, 1_800_000, 2_400_000]);
});

test("what is to be announced from now on is announced at once, and what is the same is not", () => {
  const { own, told } = scene([1e7, 1e7]);
  own.expire(millis(0));
  told();
  own.reconfigure(millis(5_000), { ...usualConfig, kind: "open" });
  assert.equal(own.deadline, 600_000);
  own.reconfigure(millis(5_000), { ...usualConfig, interval: seconds(60), lifetime: seconds(120), maxHops: 3 });
  assert.equal(own.deadline, 5_000);
  own.expire(millis(5_000));
  const heard = told().map(({ announce }) => [announce.lifetime, announce.maxHops]);
  assert.deepEqual(heard, [
    [120_000, 3],
    [120_000, 3],
  ]);
  assert.equal(own.deadline, 65_000);
});

test("where announces take more than 2 % of a link it is told there more rarely, and lives as long as that takes; who asks has it at once", () => {
  const { own, neighbours, told } = scene([1e7, 1_000]);
  const onPoor: Millis[] = [];
  let lifetime = 0;
  for (let now = millis(0); now < 12 * 3_600_000; now = own.deadline) {
    for (const neighbour of neighbours.values()) neighbour.heardAnnounce(10_000);
    own.expire(now);
    const heard = told();
    assert.ok(heard.some((one) => one.link === 0));
    if (heard.some((one) => one.link === 1)) onPoor.push(now);
    lifetime = heard.at(-1)?.announce.lifetime ?? 0;
  }
  const [before, last] = onPoor.slice(-2);
  const apart = (last ?? 0) - (before ?? 0);
  assert.ok(apart >= 4 * 600_000, `${apart}`);
  assert.ok(lifetime >= 2 * apart, `${lifetime} for ${apart}`);
  const poor = neighbours.get(link(1)) ?? assert.fail();
  own.asked(own.deadline, poor, { epoch: 9, sequence: 9 });
  own.expire(own.deadline);
  assert.equal(told().length, 2);
});

test("who asks for a newer one than there is gets it, and nobody else; at most one a second is made", () => {
  const { own, neighbours, told } = scene([1e7, 1e7]);
  const asking = neighbours.get(link(0)) ?? assert.fail();
  own.expire(millis(0));
  told();
  own.asked(millis(10), asking, { epoch: 0, sequence: 7 });
  assert.deepEqual(
    told().map((one) => one.link),
    [0],
  );
  own.asked(millis(20), asking, own.latest);
  assert.equal(own.deadline, 1_000);
  own.expire(millis(999));
  assert.equal(told().length, 0);
  own.expire(millis(1_000));
  assert.deepEqual(
    told().map(({ link, announce }) => [link, announce.isRenewal]),
    [[0, true]],
  );
  // All hear of the node again when they would have.
  assert.equal(own.deadline, 600_000);
  own.asked(millis(1_500), asking, { epoch: 0, sequence: 7 });
  assert.deepEqual(
    told().map(({ announce }) => announce.isRenewal),
    [true],
  );
  own.expire(millis(600_000));
  assert.deepEqual(
    told().map(({ link, announce }) => [link, announce.isRenewal]),
    [
      [0, false],
      [1, false],
    ],
  );
});

test("a new neighbour is told the last that was for everybody and the renewal behind it, by which others may know the node", () => {
  const { own, neighbours, told } = scene([1e7, 1e7]);
  const [asking, other] = [neighbours.get(link(0)) ?? assert.fail(), neighbours.get(link(1)) ?? assert.fail()];
  own.expire(millis(0));
  own.asked(millis(10), asking, own.latest);
  own.expire(millis(1_000));
  told();
  own.linkUp(millis(2_000), other);
  assert.deepEqual(
    told().map(({ link, announce }) => [link, announce.sequence, announce.isRenewal]),
    [
      [1, own.latest.sequence - 1, false],
      [1, own.latest.sequence, true],
    ],
  );
});

test("who asks while another is to be made for everybody has that one", () => {
  const { own, neighbours, told } = scene([1e7, 1e7]);
  own.expire(millis(0));
  told();
  own.asked(millis(10), neighbours.get(link(0)) ?? assert.fail(), own.latest);
  own.setPrekey(millis(20), new Uint8Array(32).fill(9));
  own.expire(millis(1_000));
  assert.deepEqual(
    told().map(({ link, announce }) => [link, announce.isRenewal]),
    [
      [0, false],
      [1, false],
    ],
  );
  own.expire(millis(2_000));
  assert.deepEqual(told(), []);
});

test("it goes on behind what the mesh knows of it, in a new epoch, and not for what it has made itself", () => {
  const { own, told, outputs } = scene([1e7], { epoch: 3, sequence: 10 });
  own.expire(millis(0));
  const [{ announce } = assert.fail()] = told();
  own.heard(millis(5), announce);
  assert.equal(own.deadline, 600_000);
  const other = makeAnnounce(crypto, { ...plainContent, epoch: 3, sequence: announce.sequence, capabilities: 7 });
  for (const heard of [other, makeAnnounce(crypto, { ...plainContent, epoch: 8, sequence: 2 })]) {
    own.heard(millis(5), heard);
    own.expire(millis(5));
    const keep = outputs.findIndex(({ kind }) => kind === "keep");
    assert.equal(keep, 0, "it is set aside before it is used");
    const [{ announce: next } = assert.fail()] = told();
    assert.deepEqual([next.epoch, isNewer(next, heard)], [heard.epoch + 1, true]);
  }
  own.heard(millis(5), makeAnnounce(crypto, { ...plainContent, epoch: 0xffff_ffff, sequence: 2 }));
  assert.equal(own.latest.epoch, 9, "there is no epoch behind the last");
});

test("whatever happens, no epoch and sequence is used twice, or before it was set aside, by nodes that begin where it was", () => {
  const event = fc.oneof(
    fc.constant("next" as const),
    fc.constant("restart" as const),
    fc.record({ outrun: fc.nat(5) }),
    fc.record({ times: fc.integer({ min: 900, max: 1_100 }) }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20, size: "max" }), (events) => {
      let mark: SequenceMark = { epoch: 1, sequence: 0 };
      let own = new OwnAnnounce(mark, { interval: seconds(600) }, () => 0.5);
      let last = { epoch: 0, sequence: 0 };
      const next = () => {
        const { keep } = own.next(millis(0));
        mark = keep ?? mark;
        const used = { epoch: own.epoch, sequence: own.sequence };
        assert.ok(isNewer(used, last), JSON.stringify([used, last]));
        assert.ok(used.epoch === mark.epoch && used.sequence < mark.sequence);
        last = used;
      };
      for (const one of events) {
        if (one === "next") next();
        else if (one === "restart") own = new OwnAnnounce(mark, { interval: seconds(600) }, () => 0.5);
        else if ("outrun" in one) own.outrun(millis(0), one.outrun);
        else for (let count = 0; count < one.times; count += 1) next();
      }
    }),
  );
});

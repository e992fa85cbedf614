import assert from "node:assert/strict";
import { test } from "node:test";
import { joined } from "@ropewalk/kernel/bytes";
import { bytes, millis, seconds } from "@ropewalk/kernel/units";
import { dataHeader, encodeFrame } from "@ropewalk/tunnel/pure/wire/encode-frame";
import { streamId } from "@ropewalk/tunnel/pure/wire/frame";
import fc from "fast-check";
import { chanceOf, runHistory } from "../../record-histories.ts";
import { RecordLog } from "../../record-log.ts";
import { anyFrame, encodeAny } from "../wire/frames.ts";
import { epoch, lane, numberedFrame, openedBy, opener, sealed, sealer } from "./epochs.ts";

const here = lane(epoch(1));
const limits = { bytes: bytes(1_000), after: seconds(60) };
const three = () => {
  const by = sealer(here);
  return [0, 1, 2].map((number) => sealed(by, numberedFrame(number))) as [Uint8Array, Uint8Array, Uint8Array];
};

test("whatever frames are sealed come out at the other end, in their order", () => {
  const [by, to] = [sealer(here), opener(here)];
  fc.assert(
    fc.property(fc.array(anyFrame, { minLength: 1, maxLength: 6 }), (frames) => {
      const sent = frames.filter(({ type }) => type !== "key-update");
      if (sent.length === 0) return;
      const parts = sent.map(encodeAny);
      assert.deepEqual(openedBy(to, joined(...by.seal(parts, joined(...parts).length))), sent);
    }),
  );
});

test("the longest record opens, and one that would be longer, or empty, is not sealed", () => {
  const [by, to] = [sealer(here), opener(here)];
  const [header, octets] = [dataHeader(streamId(1), 0, 1_048_559), new Uint8Array(1_048_559).fill(1)];
  const opened = openedBy(to, joined(...by.seal([header, octets], 1_048_576)));
  assert.deepEqual(opened, [{ type: "data", stream: 1, offset: 0, octets }]);
  assert.throws(() => by.seal([header, octets, Uint8Array.of(5)], 1_048_577), { code: "INTERNAL" });
  assert.throws(() => by.seal([], 0), { code: "INTERNAL" });
});

test("no bit of a record can be changed, nothing of it be missing, and nothing be added", () => {
  const record = sealed(sealer(here), numberedFrame(7), numberedFrame(8));
  for (let bit = 0; bit < record.length * 8; bit += 1) {
    const changed = record.map((octet, at) => (at === bit >> 3 ? octet ^ (1 << (bit & 7)) : octet));
    assert.equal(openedBy(opener(here), changed), "broken", `bit ${bit}`);
  }
  for (let length = 4; length < record.length; length += 1) {
    assert.equal(openedBy(opener(here), record.subarray(0, length)), "broken");
  }
  assert.equal(openedBy(opener(here), joined(record, Uint8Array.of(0))), "broken");
  assert.deepEqual(openedBy(opener(here), record), [numberedFrame(7), numberedFrame(8)]);
});

test("a record that comes again, too early, or behind one that was left out does not open", () => {
  const [first, second, third] = three();
  for (const order of [[first, first], [second], [first, third], [first, second, first]]) {
    const to = opener(here);
    const results = order.map((record) => openedBy(to, record));
    assert.equal(results.at(-1), "broken");
    assert.deepEqual(
      results.slice(0, -1),
      results.slice(0, -1).map((_, number) => [numberedFrame(number)]),
    );
  }
});

test("after a record that did not open none does, not even the right one", () => {
  const [first] = three();
  const to = opener(here);
  assert.equal(openedBy(to, first.with(9, (first[9] ?? 0) ^ 1)), "broken");
  assert.equal(openedBy(to, first), "broken");
});

test("a record of the other direction, of another lane, or of another epoch does not open", () => {
  const others = [
    sealer(here, "destination"),
    sealer(lane(epoch(1), 2)),
    sealer(lane(epoch(1), 1, 9)),
    sealer(lane(epoch(2))),
  ];
  for (const other of others) {
    assert.equal(openedBy(opener(here), sealed(other, numberedFrame(0))), "broken");
  }
});

test("both ends change keys with one record, and what was sealed before does not open afterwards", () => {
  const [by, to] = [sealer(here), opener(here)];
  const before = sealed(by, numberedFrame(0));
  assert.deepEqual(openedBy(to, before), [numberedFrame(0)]);
  for (let generation = 0; generation < 5; generation += 1) {
    const update = joined(...by.update(millis(0)));
    const after = [sealed(by, numberedFrame(1)), sealed(by, numberedFrame(2))];
    assert.deepEqual(openedBy(to, update), [{ type: "key-update" }]);
    for (const [index, record] of after.entries()) assert.deepEqual(openedBy(to, record), [numberedFrame(index + 1)]);
  }
  assert.equal(openedBy(to, before), "broken");
});

test("an update that was left out, or one that was made up, opens nothing", () => {
  const by = sealer(here);
  by.update(millis(0));
  assert.equal(openedBy(opener(here), sealed(by, numberedFrame(0))), "broken");
  const to = opener(here);
  assert.equal(openedBy(to, encodeFrame({ type: "key-update" })), "broken");
});

test("an update with frames before it counts, and one with frames behind it is malformed, whatever comes then", () => {
  const ahead = opener(here);
  assert.deepEqual(openedBy(ahead, sealed(sealer(here), numberedFrame(0), { type: "key-update" })), [
    numberedFrame(0),
    { type: "key-update" },
  ]);
  const [by, to] = [sealer(here), opener(here)];
  assert.equal(openedBy(to, sealed(by, { type: "key-update" }, numberedFrame(0))), "malformed");
  assert.equal(openedBy(to, sealed(by, numberedFrame(1))), "broken");
});

test("a record whose plaintext is no frames is malformed, and its sender is known to be broken, not the line", () => {
  const [by, to] = [sealer(here), opener(here)];
  assert.equal(openedBy(to, joined(...by.seal([Uint8Array.of(99)], 1))), "malformed");
});

test("a change of keys is due by octets or by time, and not while nothing was sealed", () => {
  const by = sealer(here);
  assert.equal(by.isDue(limits, seconds(3_600)), false);
  sealed(by, numberedFrame(0));
  assert.equal(by.isDue(limits, millis(59_999)), false);
  assert.equal(by.isDue(limits, seconds(60)), true);
  by.seal([new Uint8Array(986)], 986);
  assert.equal(by.isDue(limits, millis(0)), false, "999 octets");
  by.seal([new Uint8Array(1)], 1);
  assert.equal(by.isDue(limits, millis(0)), true);
  by.update(seconds(10));
  sealed(by, numberedFrame(0));
  assert.equal(by.isDue(limits, millis(69_999)), false);
  assert.equal(by.isDue(limits, seconds(70)), true);
});

test("a sealer that was erased seals nothing", () => {
  const by = sealer(here);
  by.erase();
  assert.throws(() => sealed(by, numberedFrame(0)), { code: "INTERNAL" });
  assert.throws(() => by.update(millis(0)), { code: "INTERNAL" });
  const to = opener(here);
  to.erase();
  assert.equal(openedBy(to, three()[0]), "broken");
});

test("no nonce is used twice under one key, through handshakes, lanes, changes of keys and crashes", () => {
  const log = new RecordLog();
  runHistory(log, 20_000, chanceOf(1));
  assert.deepEqual(log.repeated, []);
  assert.ok(log.records >= 20_000 && log.keys > 100, `${log.records} records, ${log.keys} keys`);
});

test("the log tells what came twice, in whatever order", () => {
  const [one, other] = [new Uint8Array(32), new Uint8Array(32).fill(1)];
  const nonce = (...last: readonly number[]) => Uint8Array.from({ length: 12 }, (_, at) => last[at - 8] ?? 9);
  for (const twice of [nonce(0, 0, 0, 0), nonce(0, 0, 0, 2), nonce(0, 0, 1, 0), nonce(255, 0, 0, 0)]) {
    const log = new RecordLog();
    const seen = [nonce(0, 0, 0, 0), nonce(0, 0, 0, 1), nonce(0, 0, 0, 2), nonce(0, 0, 1, 0), nonce(255, 0, 0, 0)];
    for (const each of seen) log.note(one, each);
    for (const each of seen) log.note(other, each);
    assert.deepEqual([log.repeated, log.records, log.keys], [[], 10, 2]);
    log.note(one, twice);
    assert.deepEqual(log.repeated, [`${one.toHex()} ${twice.toHex()}`]);
  }
});

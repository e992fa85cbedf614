/** Links by example: loss, queues, cross traffic, cuts and sizes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bitsPerSecond, bytes, millis, seconds } from "@ropewalk/kernel/units";
import { type LossProfile, meanLoss } from "@ropewalk/simnet/loss";
import { createLinkRig, near } from "./link-rig.ts";

const megabit = bitsPerSecond(1_000_000);
const twoSeconds = { kind: "time", limit: seconds(2) } as const;

test("random and bursty loss take their share, and bursts take several in a row", () => {
  const runLengths = (loss: LossProfile) => {
    const rig = createLinkRig({ delay: millis(1), loss });
    for (let sent = 0; sent < 50_000; sent += 1) rig.send();
    const lost = rig.of("loss").map((line) => line.packet);
    const runs = lost.filter((packet, index) => lost[index - 1] !== packet - 1).length;
    assert.ok(Math.abs(lost.length / 50_000 - meanLoss(loss)) < 0.01, `${lost.length} lost`);
    return lost.length / runs;
  };
  assert.ok(runLengths({ kind: "random", share: 0.05 }) < 1.2);
  assert.ok(runLengths({ kind: "bursts", toBad: 0.01, toGood: 0.2, lossInGood: 0, lossInBad: 1 }) > 4);
});

test("a queue that fills delays by what waits in it, and drains at the rate", () => {
  const rig = createLinkRig({ delay: millis(10), rate: megabit, queue: twoSeconds });
  rig.link.load({ factor: 4, whenFull: "backs-off" });
  rig.net.run(millis(500));
  assert.ok(Math.abs(rig.link.queueDelay - 1_500) < 1e-6, "three seconds of traffic more than leaves, in each second");
  rig.net.run(millis(500));
  assert.ok(Math.abs(rig.link.queueDelay - 2_000) < 1e-6, "and no more than the queue holds");
  rig.link.load({ factor: 0, whenFull: "backs-off" });
  rig.net.run(millis(1_500));
  assert.ok(Math.abs(rig.link.queueDelay - 500) < 1e-6);
});

test("what a link carried is ours and theirs: all of it below its rate, and the rate above", () => {
  const rig = createLinkRig({ delay: millis(10), rate: megabit, queue: twoSeconds });
  rig.link.load({ factor: 0.5, whenFull: "backs-off" });
  rig.net.run(seconds(1));
  assert.equal(Math.round(rig.link.carriedBytes), 62_500);
  rig.link.load({ factor: 3, whenFull: "backs-off" });
  rig.net.run(seconds(10));
  assert.equal(Math.round(rig.link.carriedBytes), 62_500 + 1_250_000);
  rig.link.load({ factor: 0, whenFull: "backs-off" });
  rig.send(bytes(1_000));
  rig.net.run(seconds(10));
  // Of ours and the two seconds of theirs that waited, ours took the place of as much of theirs.
  assert.equal(Math.round(rig.link.carriedBytes), 62_500 + 1_250_000 + 250_000);
});

test("packets sent evenly into a filling queue arrive apart by the factor of the traffic", () => {
  const rig = createLinkRig({ delay: millis(10), rate: bitsPerSecond(100_000_000), queue: twoSeconds });
  rig.link.load({ factor: 4, whenFull: "keeps-on" });
  for (let sent = 0; sent < 10; sent += 1) {
    rig.send();
    rig.net.run(millis(50));
  }
  rig.net.run(seconds(5));
  const at = rig.of("delivered").map((line) => line.at);
  for (const [index, time] of at.slice(1).entries()) assert.ok(Math.abs(time - (at[index] ?? 0) - 200) < 1);
});

test("a full queue drops all that does not fit when its traffic keeps on, and little when it backs off", () => {
  const dropped = (whenFull: "keeps-on" | "backs-off") => {
    const rig = createLinkRig({ delay: millis(10), rate: megabit, queue: { kind: "time", limit: millis(200) } });
    rig.link.load({ factor: 4, whenFull });
    rig.net.run(seconds(1));
    for (let sent = 0; sent < 20_000; sent += 1) {
      rig.send(bytes(84));
      rig.net.run(millis(20));
    }
    return rig.link.counts.dropped.queue / 20_000;
  };
  assert.ok(Math.abs(dropped("keeps-on") - 0.75) < 0.02);
  assert.ok(Math.abs(dropped("backs-off") - 0.01) < 0.005);
});

test("our own packets fill a queue too, and what does not fit is dropped", () => {
  const rig = createLinkRig({ delay: millis(0), rate: megabit, queue: { kind: "bytes", limit: bytes(3_000) } });
  for (let sent = 0; sent < 5; sent += 1) rig.send(bytes(1_000));
  rig.net.run(seconds(1));
  assert.deepEqual(
    rig.of("delivered").map(({ packet, at }) => [packet, at]),
    [
      [0, 8],
      [1, 16],
      [2, 24],
    ],
  );
  assert.equal(rig.link.counts.dropped.queue, 2);
});

test("a cut link loses what comes to it and what was on its way", () => {
  const rig = createLinkRig({ delay: millis(50) });
  rig.send();
  rig.net.run(millis(10));
  rig.link.cut();
  rig.send();
  rig.net.run(millis(100));
  rig.link.heal();
  rig.send();
  rig.net.run(millis(100));
  assert.deepEqual(
    rig.lines.filter(({ event }) => event !== "sent").map(({ packet, event }) => [packet, event]),
    [
      [1, "cut"],
      [0, "cut"],
      [2, "delivered"],
    ],
  );
});

test("a change of delay, rate or loss holds for what is sent from then on, and nothing overtakes", () => {
  const rig = createLinkRig({ delay: millis(300), rate: megabit });
  rig.send();
  rig.link.change({ delay: millis(5), rate: bitsPerSecond(10_000_000) });
  rig.send();
  rig.net.run(seconds(1));
  rig.link.change({ loss: { kind: "random", share: 1 } });
  rig.send();
  rig.net.run(seconds(1));
  assert.deepEqual(
    rig.of("delivered").map(({ packet }) => packet),
    [0, 1],
  );
  assert.equal(rig.link.counts.dropped.loss, 1);
  rig.link.change({ loss: { kind: "random", share: 0 } });
  rig.send();
  const sentAt = rig.net.time.now;
  rig.net.run(seconds(1));
  assert.ok(Math.abs((rig.of("delivered").at(-1)?.at ?? 0) - sentAt - 5.08) < 1e-6);
});

test("a whole packet that is too large vanishes, or its sender is told what fits; one in pieces passes", () => {
  for (const whenTooLarge of ["vanish", "tell"] as const) {
    const rig = createLinkRig({ delay: millis(1), mtu: bytes(1_200), whenTooLarge });
    const told: number[] = [];
    rig.sender.listen(near, { onPacket: () => {}, onTooLarge: (_packet, mtu) => told.push(mtu) });
    rig.send(bytes(1_300), { isWhole: true });
    rig.send(bytes(1_300));
    rig.send(bytes(1_200), { isWhole: true });
    rig.net.run(millis(10));
    assert.deepEqual(told, whenTooLarge === "tell" ? [1_200] : []);
    assert.deepEqual(
      rig.of("delivered").map(({ packet }) => packet),
      [1, 2],
    );
  }
});

/** How a source gets its express lane, and another when that is lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { Express } from "@ropewalk/tunnel/express";
import { ExpressSeeker } from "@ropewalk/tunnel/express-seeker";
import type { Lane } from "@ropewalk/tunnel/io/lane";
import { CopyCounts } from "@ropewalk/tunnel/pure/session/copy-counts";
import { settled } from "./io/fake-tcp.ts";
import { bareLane } from "./wires/two-lanes.ts";
import { settle, WireEnd } from "./wires/wire-end.ts";

/** Beside a lane of this round trip. Each offer is answered by a lane, but for those that `refuses` names. */
function seeking(leastRoundTrip: Millis | undefined, refuses: (lane: number) => boolean = () => false) {
  const clock = new FakeClock();
  const offered: number[] = [];
  const wires: (readonly [WireEnd, WireEnd])[] = [];
  const told: string[] = [];
  const express = new Express(new CopyCounts(), { onCopies: () => {}, onChange: ({ kind }) => told.push(kind) });
  const beside = { leastRoundTrip };
  const offer = (number: number): Promise<Lane | undefined> => {
    offered.push(number);
    if (refuses(number)) return number % 2 === 0 ? Promise.resolve(undefined) : Promise.reject(new Error("refused"));
    const pair = WireEnd.pair();
    wires.push(pair);
    return Promise.resolve(bareLane(clock, "source", pair[0]));
  };
  const deps = { clock, chance: () => 1, expressFrom: undefined };
  const seeker = new ExpressSeeker(express, { lane: beside, offer }, deps);
  const pass = async (length: Millis) => {
    clock.advance(length);
    await settled();
    for (const pair of wires) settle(...pair);
  };
  /** The other end of the last lane is gone. */
  const lose = async () => {
    wires.at(-1)?.[1].reset();
    await pass(millis(0));
  };
  return { beside, express, offered, pass, lose, seeker, told, wires };
}

test("an express lane is opened at once where a round trip is long, and joins with its first record", async () => {
  const { express, offered, pass, wires } = seeking(millis(60));
  await pass(millis(0));
  assert.deepEqual(offered, [2]);
  assert.ok(express.lane !== undefined);
  assert.ok((wires[0]?.[1].unread ?? 0) > 0);
});

test("where a round trip is short, or nobody knows it, none is opened until it is long", async () => {
  for (const short of [millis(1), undefined]) {
    const { beside, offered, pass } = seeking(short);
    await pass(seconds(30));
    assert.deepEqual(offered, []);
    beside.leastRoundTrip = millis(20);
    await pass(seconds(10));
    assert.deepEqual(offered, [2]);
  }
});

test("when it is lost another is opened under the next number, later each time", async () => {
  const { express, offered, pass, lose } = seeking(millis(60));
  await pass(millis(0));
  const waited: number[] = [];
  for (let count = 2; count < 9; count += 1) {
    await lose();
    assert.equal(express.lane, undefined);
    let wait = 0;
    for (; offered.length < count; wait += 1) await pass(seconds(1));
    waited.push(wait);
  }
  assert.deepEqual(offered, [2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(waited, [1, 2, 4, 8, 16, 32, 60]);
});

test("each that is there is told of once, and each that is lost, but not one that is given up", async () => {
  const { express, pass, lose, told } = seeking(millis(60));
  await pass(millis(0));
  await lose();
  await pass(seconds(1));
  express[Symbol.dispose]();
  await pass(millis(0));
  assert.deepEqual(told, ["express-up", "express-lost", "express-up"]);
});

test("what is not welcomed is asked for again, and no more often than an epoch has lanes", async () => {
  const { offered, pass } = seeking(millis(60), () => true);
  for (let count = 0; count < 100; count += 1) await pass(seconds(60));
  assert.deepEqual([offered.length, offered.at(-1)], [63, 64]);
});

test("once nobody seeks it, nothing is offered, and a lane that comes too late is closed", async () => {
  const { express, offered, pass, seeker, wires } = seeking(millis(60));
  seeker[Symbol.dispose]();
  await pass(seconds(100));
  assert.deepEqual([offered, express.lane, wires[0]?.[0].fate], [[2], undefined, "reset"]);
});

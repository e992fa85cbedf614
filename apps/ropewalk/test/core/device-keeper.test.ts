/** When the device of an exit is made anew, and how often that is tried. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { millis } from "@ropewalk/kernel/units";
import { createLog } from "@ropewalk/ops/log";
import { DeviceKeeper } from "../../src/compose/core/device-keeper.ts";

function keeperOf(device: { isRight: boolean; canBeMade: boolean }) {
  const clock = new FakeClock();
  const done: string[] = [];
  const keeper = new DeviceKeeper({
    clock,
    log: createLog({ level: "error", format: "json", destination: { write: () => {} }, clock }),
    isRight: async () => {
      done.push("look");
      return device.isRight;
    },
    bringUp: async () => {
      done.push("make");
      if (!device.canBeMade) throw new Error("no");
      device.isRight = true;
    },
    fill: async () => done.push("fill"),
  });
  const pass = async (ms: number) => {
    clock.advance(millis(ms));
    for (let turns = 0; turns < 5; turns += 1) await turn();
  };
  return { keeper, done, pass };
}

test("a device that is right is looked at once, however often it is doubted", async () => {
  const { keeper, done, pass } = keeperOf({ isRight: true, canBeMade: true });
  for (let doubts = 0; doubts < 10; doubts += 1) keeper.look();
  await pass(50);
  for (let doubts = 0; doubts < 10; doubts += 1) keeper.look();
  await pass(100);
  assert.deepEqual(done, ["look"]);
  await pass(1_000);
  assert.deepEqual(done, ["look", "look"]);
  await keeper[Symbol.asyncDispose]();
});

test("a device that is gone is made, and then filled", async () => {
  const { keeper, done, pass } = keeperOf({ isRight: false, canBeMade: true });
  keeper.look();
  await pass(50);
  assert.deepEqual(done, ["look", "make", "fill"]);
  await keeper[Symbol.asyncDispose]();
});

test("one that cannot be made is tried again, ever less often, until the keeper ends", async () => {
  const { keeper, done, pass } = keeperOf({ isRight: false, canBeMade: false });
  const made = () => done.filter((what) => what === "make").length;
  keeper.look();
  await pass(50);
  assert.equal(made(), 1);
  await pass(1_000);
  assert.equal(made(), 2);
  await pass(1_000);
  assert.equal(made(), 2);
  await pass(1_000);
  assert.equal(made(), 3);
  await keeper[Symbol.asyncDispose]();
  await pass(60_000);
  assert.equal(made(), 3);
});

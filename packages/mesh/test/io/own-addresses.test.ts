/** Addresses of this machine: told when they are others, and not before. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { millis } from "@ropewalk/kernel/units";
import { OwnAddresses, ownAddresses } from "@ropewalk/mesh/io/own-addresses";

test("a change is told once, a quarter of a second later at most, and at once where somebody asks", () => {
  const clock = new FakeClock();
  let found: ReadonlySet<string> = new Set(["192.0.2.1"]);
  const told: number[] = [];
  using addresses = new OwnAddresses(
    clock,
    () => found,
    () => void told.push(clock.now()),
  );
  clock.advance(millis(1_000));
  assert.deepEqual(told, []);
  found = new Set(["192.0.2.1", "2001:db8::1"]);
  clock.advance(millis(250));
  found = new Set(["2001:db8::1"]);
  addresses.look();
  addresses.look();
  assert.deepEqual(told, [1_250, 1_250]);
  assert.deepEqual(addresses.current, found);
});

test("nothing is looked at behind its end", () => {
  const clock = new FakeClock();
  let looks = 0;
  const read = () => {
    looks += 1;
    return new Set<string>();
  };
  new OwnAddresses(clock, read, () => {})[Symbol.dispose]();
  clock.advance(millis(10_000));
  assert.equal(looks, 1);
});

test("this machine has loopback", () => assert.equal(ownAddresses().has("127.0.0.1"), true));

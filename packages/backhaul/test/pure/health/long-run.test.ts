/** Days of bad weather: what is remembered of a path must not grow with them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeValue } from "@ropewalk/backhaul/pure/replay/value-codec";
import { dead, Rig, rightAnswer, subject } from "./rig.ts";

function chanceFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

for (const [profile, hours] of [
  ["fast", 0.5],
  ["normal", 2],
  ["eco", 4],
] as const) {
  test(`${hours} hours of loss, outages and lost carriers in ${profile} leave no more than the first did`, () => {
    const rig = new Rig(profile);
    const chance = chanceFrom(7);
    let isDead = false;
    rig.line = (question, at) =>
      isDead || chance() < 0.05 ? dead(question, at) : { after: 20 + chance() * 50, result: rightAnswer(question, 20) };
    const sizes: number[] = [];
    for (let minute = 0; minute < hours * 60; minute += 1) {
      isDead = chance() < 0.1;
      rig.run(60_000);
      rig.asked.length = 0;
      if (chance() < 0.02) rig.follow();
      rig.follow(subject({ profile }));
      sizes.push(encodeValue(rig.state).length);
    }
    const half = Math.floor(sizes.length / 2);
    const largest = (some: readonly number[]) => Math.max(...some);
    assert.ok(largest(sizes) < 48 * 1_024, `${largest(sizes)} octets`);
    assert.ok(largest(sizes.slice(half)) < 2 * largest(sizes.slice(0, half)), "it grows");
    assert.ok(rig.states.length > 3, "something happened");
  });
}

/** Flap damping over time: whom it holds back, whom not, and for how long at most. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Damping,
  decayed,
  isSuppressed,
  penalised,
  penaltyAt,
  reusableAt,
} from "@ropewalk/backhaul/pure/health/damping";
import type { DampingConfig } from "@ropewalk/backhaul/pure/health/health-config";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import fc from "fast-check";

/** The defaults. */
const config: DampingConfig = {
  enabled: true,
  penalty: 1_000,
  halfLife: seconds(15),
  suppressAbove: 2_000,
  reuseBelow: 750,
  maxSuppress: seconds(40),
};

/** The state after flaps at these seconds. */
function flapped(...at: readonly number[]): Damping | undefined {
  return at.reduce<Damping | undefined>((state, second) => penalised(state, seconds(second), config), undefined);
}

test("a single outage holds nothing back, nor do two half a minute apart", () => {
  assert.equal(isSuppressed(flapped(0), seconds(0), config), false);
  assert.equal(reusableAt(flapped(0), config), undefined);
  assert.equal(isSuppressed(flapped(0, 30), seconds(30), config), false);
});

test("the third of three flaps, a second apart, suppresses", () => {
  assert.equal(isSuppressed(flapped(0, 1), seconds(1), config), false);
  assert.equal(isSuppressed(flapped(0, 1, 2), seconds(2), config), true);
});

test("after ten minutes of flapping once a second it is used again 40 seconds after the last", () => {
  const state = flapped(...Array.from({ length: 601 }, (_, second) => second));
  assert.equal(Math.round(reusableAt(state, config) ?? 0), 640_000);
  assert.equal(isSuppressed(state, seconds(639.9), config), true);
  assert.equal(isSuppressed(state, seconds(640.1), config), false);
});

test("between the thresholds it stays as it is: what is suppressed is reused only below the lower one", () => {
  const state = flapped(0, 1, 2);
  const crossesUpper = seconds(10);
  assert.ok(penaltyAt(state, crossesUpper, config) < config.suppressAbove);
  assert.equal(isSuppressed(state, crossesUpper, config), true);
  const end = reusableAt(state, config) as Millis;
  assert.ok(Math.abs(penaltyAt(state, end, config) - config.reuseBelow) < 1e-6);
  const reused = decayed(state, end, config);
  assert.equal(reused?.isSuppressed, false);
  assert.equal(isSuppressed(penalised(reused, end, config), end, config), false);
});

test("a flap while suppressed keeps it suppressed, even below the upper threshold", () => {
  const again = seconds(27);
  const state = penalised(flapped(0, 1, 2), again, config);
  assert.ok(penaltyAt(state, again, config) < config.suppressAbove);
  assert.equal(isSuppressed(state, again, config), true);
});

test("the penalty has a ceiling, from which it decays within max_suppress", () => {
  const state = flapped(...Array.from({ length: 100 }, (_, second) => second));
  assert.equal(Math.round(penaltyAt(state, seconds(99), config)), Math.round(750 * 2 ** (40 / 15)));
});

test("a shorter max_suppress, once configured, ends what a longer one began", () => {
  const state = flapped(0, 1, 2);
  assert.equal(reusableAt(state, { ...config, maxSuppress: seconds(5) }), 7_000);
});

test("the penalty halves with every half-life, and is forgotten below half of the lower threshold", () => {
  const state = flapped(0);
  assert.equal(penaltyAt(state, seconds(15), config), 500);
  assert.equal(penaltyAt(state, seconds(30), config), 250);
  assert.equal(decayed(state, seconds(15), config), state);
  assert.equal(decayed(state, seconds(30), config), undefined);
});

test("switched off it remembers nothing and holds nothing back", () => {
  const off = { ...config, enabled: false };
  assert.equal(penalised(flapped(0, 1, 2), seconds(3), off), undefined);
  assert.equal(isSuppressed(flapped(0, 1, 2), seconds(3), off), false);
  assert.equal(decayed(flapped(0, 1, 2), seconds(3), off), undefined);
});

const configs = fc.record({
  enabled: fc.constant(true),
  penalty: fc.nat(5_000),
  halfLife: fc.nat(60_000).map(millis),
  suppressAbove: fc.nat(5_000),
  reuseBelow: fc.nat(5_000),
  maxSuppress: fc.nat(100_000).map(millis),
});
const gaps = fc.array(fc.nat(30_000), { minLength: 1, maxLength: 30 });

test("whatever the configuration, suppression ends at most max_suppress after the last flap, and then nothing holds back", () => {
  fc.assert(
    fc.property(gaps, configs, (times, own) => {
      let now = millis(0);
      let state: Damping | undefined;
      for (const gap of times) {
        now = millis(now + gap);
        state = penalised(state, now, own);
      }
      assert.deepEqual(JSON.parse(JSON.stringify(state)), state);
      const end = reusableAt(state, own);
      if (end === undefined) return;
      assert.ok(end >= now && end <= now + own.maxSuppress, `${end} after ${now}`);
      assert.equal(isSuppressed(state, end, own), false);
      assert.equal(decayed(state, end, own)?.isSuppressed ?? false, false);
    }),
  );
});

test("looking at the penalty in between, however often, changes nothing of what follows", () => {
  fc.assert(
    fc.property(gaps, gaps, (times, looks) => {
      let now = millis(0);
      let watched: Damping | undefined;
      let unwatched: Damping | undefined;
      for (const [index, gap] of times.entries()) {
        watched = decayed(watched, millis(now + Math.min(gap, looks[index] ?? 0)), config);
        now = millis(now + gap);
        watched = penalised(watched, now, config);
        unwatched = penalised(unwatched, now, config);
        assert.deepEqual(watched, unwatched);
      }
    }),
  );
});

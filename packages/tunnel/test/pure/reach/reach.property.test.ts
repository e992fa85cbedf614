/** What holds of a source whatever happens to it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { deadlineOf } from "@ropewalk/tunnel/pure/reach/reach";
import type { ReachEffect, ReachEvent } from "@ropewalk/tunnel/pure/reach/reach-state";
import { isUsable, wayKey } from "@ropewalk/tunnel/pure/reach/way";
import fc from "fast-check";
import { hub, Reaching, spare } from "./reach-fixture.ts";
import { type Happening, histories, play } from "./reach-histories.ts";

/** Of sums of fractions of milliseconds. */
const rounding = 1e-6;

/** A reach that is checked at every step, as a shell would see it. */
class Checked extends Reaching {
  /** Dialled, and neither abandoned nor ended. */
  readonly underWay = new Map<number, string>();
  readonly lastDialOf = new Map<string, number>();
  lastMoveAt = Number.NEGATIVE_INFINITY;
  current: number | undefined;
  isTold: "offline" | "online" = "online";

  override happen(event: ReachEvent): readonly ReachEffect[] {
    if (event.kind === "dial-failed" || event.kind === "dialled") this.underWay.delete(event.attempt);
    if (event.kind === "session-ended" || (event.kind === "lane-lost" && event.attempt === this.current))
      this.current = undefined;
    const before = this.current;
    const effects = super.happen(event);
    for (const effect of effects) this.#check(effect, event, before);
    this.#checkState();
    return effects;
  }

  #check(effect: ReachEffect, event: ReachEvent, before: number | undefined): void {
    if (effect.kind === "dial") {
      const { way, purpose, attempt } = effect;
      assert(this.config.destinations.includes(way.destination), "dialled where nothing is configured");
      assert(isUsable(way.path, this.running.paths), "dialled by a path that is gone");
      const key = wayKey(way);
      assert(!(this.now - (this.lastDialOf.get(key) ?? -1_000) < 50), "dialled the same way in no time");
      this.lastDialOf.set(key, this.now);
      this.underWay.set(attempt, key);
      const { lane } = this.running;
      if (purpose === "move" && lane !== undefined && isUsable(lane.way.path, this.running.paths)) {
        assert(this.now - this.lastMoveAt >= 2_000 - rounding, "moved again within two seconds");
        this.lastMoveAt = this.now;
      }
    }
    if (effect.kind === "abandon") this.underWay.delete(effect.attempt);
    if (effect.kind === "adopt") {
      assert.equal(event.kind === "dialled" && event.attempt, effect.attempt, "adopted what had not come up");
      assert(
        !(before !== undefined && event.kind === "dialled" && this.#isElsewhere(event)) || this.#isStopping,
        "streams were left behind",
      );
      this.current = effect.attempt;
    }
    if (effect.kind === "tell" && (effect.event.kind === "offline" || effect.event.kind === "online")) {
      assert.notEqual(effect.event.kind, this.isTold, "told twice");
      this.isTold = effect.event.kind;
    }
  }

  #session: string | undefined;
  #isStopping = false;
  #isElsewhere({ outcome }: Extract<ReachEvent, { readonly kind: "dialled" }>): boolean {
    const before = this.#session;
    return before !== undefined && outcome.kind === "started" && this.streams > 0 && before !== this.running.session;
  }

  #checkState(): void {
    const { state } = this;
    if (state.kind !== "running") return;
    this.#session = state.session;
    this.#isStopping = state.stoppingSince !== undefined;
    assert.deepEqual(
      state.attempts.map(({ attempt, way }) => [attempt, wayKey(way)]),
      [...this.underWay],
      "attempts are not what was dialled",
    );
    assert(state.attempts.length <= 2, "more than two attempts");
    const isTwice = new Set(this.underWay.values()).size < this.underWay.size;
    assert(!isTwice || state.attempts.every(({ purpose }) => purpose === "resume"), "two attempts by one way");
    assert.equal(state.lane?.attempt, this.current, "the lane is not the one that was adopted");
    const deadline = deadlineOf(state);
    assert(deadline === undefined || deadline > this.now, "a deadline that has passed");
    const goesOn = state.lane !== undefined || deadline !== undefined || this.isTold === "offline";
    assert(goesOn, "neither a lane, nor a deadline, and not offline");
    assert(state.attempts.length === 0 || deadline !== undefined, "an attempt without a deadline");
  }
}

function checked(history: readonly Happening[], chance: number): Checked {
  const reaching = new Checked({ destinations: [hub, spare] });
  reaching.chance = chance;
  reaching.start();
  for (const event of history) {
    play(reaching, event);
    assert.deepEqual(reaching.happen({ kind: "timer" }), [], `after ${event.kind} it was not settled`);
  }
  return reaching;
}

const chances = fc.double({ min: 0, max: 1, noNaN: true });

test("whatever happens, there is one lane at most, two attempts at most, and always something to go on with", () => {
  fc.assert(
    fc.property(histories, chances, (history, chance) => void checked(history, chance)),
    { numRuns: 1_000 },
  );
});

test("after whatever has happened, a source with a path gets a lane in the end, at the latest after a cooldown", () => {
  fc.assert(
    fc.property(histories, chances, (history, chance) => {
      const reaching = checked(history, chance);
      if (reaching.isTold === "offline") reaching.happen({ kind: "connectivity", paths: "unmanaged" });
      const since = reaching.now;
      while (reaching.running.lane === undefined && reaching.running.attempts.length === 0) reaching.passToDeadline();
      const { lane, attempts } = reaching.running;
      if (lane !== undefined) return;
      assert(reaching.now - since <= 37_500, `it waited ${reaching.now - since} ms`);
      const [found] = attempts;
      assert(found !== undefined);
      reaching.streams = 0;
      reaching.up(found.attempt, { kind: "started", lost: 0 });
      assert.equal(reaching.running.lane?.attempt, found.attempt);
    }),
    { numRuns: 500 },
  );
});

test("a source whose destinations all fail dials ever more seldom, and never stops", () => {
  const reasons = fc.constantFrom("unreachable", "cut-off", "refused", "deadline", "no-welcome");
  fc.assert(
    fc.property(fc.array(reasons, { minLength: 40, maxLength: 40 }), chances, (failures, chance) => {
      const reaching = new Checked({ destinations: [hub, spare] });
      reaching.chance = chance;
      reaching.start();
      for (const reason of failures) {
        while (reaching.running.attempts.length === 0) reaching.passToDeadline();
        const [oldest] = reaching.running.attempts;
        assert(oldest !== undefined, "it has stopped");
        reaching.fail(oldest.attempt, reason);
      }
      const late = reaching.dials.slice(-9).map(({ at }) => at);
      const gap = (late.at(-1) ?? 0) - (late[0] ?? 0);
      assert(gap >= 4 * 15_000 - 1, `eight dials in ${gap} ms`);
    }),
    { numRuns: 150 },
  );
});

test("after it was stopped nothing is dialled, and whatever comes up is abandoned", () => {
  fc.assert(
    fc.property(histories, (history) => {
      const reaching = checked(history, 0);
      const underWay = [...reaching.underWay.keys()];
      const effects = reaching.happen({ kind: "stopped" });
      assert.deepEqual(
        effects,
        underWay.map((attempt) => ({ kind: "abandon", attempt })),
      );
      assert.equal(deadlineOf(reaching.state), undefined);
      for (const kind of ["timer", "refresh-now", "reconfigured"] as const)
        assert.deepEqual(reaching.happen({ kind }), []);
    }),
    { numRuns: 150 },
  );
});

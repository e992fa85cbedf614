import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Finding,
  type Settled,
  settle,
  settledAfterLoss,
  settlesAt,
  unsettled,
} from "@ropewalk/backhaul/pure/health/settling";
import { reasonCodes, type UplinkReasonCode } from "@ropewalk/backhaul/status";
import { millis } from "@ropewalk/kernel/units";
import fc from "fast-check";
import { healthConfig } from "./rig.ts";

const config = healthConfig();
const finding = (kind: Finding["kind"], code: UplinkReasonCode): Finding => ({ kind, reason: { code, text: code } });
const up = finding("up", "healthy");
const lossy = finding("degraded", "loss");
const silent = finding("down", "silent");
const portal = finding("portal", "http-intercepted");
const nothing = finding("none", "healthy");

/** What the findings come to, each holding from its time to the next's; looked at every 100 ms. */
function settledBy(timeline: readonly (readonly [from: number, finding: Finding])[], until: number): Settled {
  let settled = unsettled(millis(0));
  for (let now = 0; now <= until; now += 100) {
    const current = timeline.findLast(([from]) => from <= now)?.[1];
    if (current !== undefined) settled = settle(settled, current, millis(now), config);
  }
  return settled;
}

const stateAt = (timeline: Parameters<typeof settledBy>[0], until: number) => settledBy(timeline, until).state;

test("a new path is probing until something is found, and then at once what was found", () => {
  assert.equal(stateAt([[0, nothing]], 60_000), "probing");
  assert.equal(
    stateAt(
      [
        [0, nothing],
        [1_000, up],
      ],
      1_000,
    ),
    "up",
  );
  assert.equal(
    stateAt(
      [
        [0, nothing],
        [1_000, lossy],
      ],
      1_000,
    ),
    "degraded",
  );
});

test("down and portal are told at once", () => {
  assert.equal(
    stateAt(
      [
        [0, up],
        [20_000, silent],
      ],
      20_000,
    ),
    "down",
  );
  assert.equal(
    stateAt(
      [
        [0, up],
        [20_000, portal],
      ],
      20_000,
    ),
    "portal",
  );
});

test("degraded must hold for two seconds, up again for ten, and neither comes within five of the other", () => {
  assert.equal(
    stateAt(
      [
        [0, up],
        [20_000, lossy],
      ],
      21_900,
    ),
    "up",
  );
  assert.equal(
    stateAt(
      [
        [0, up],
        [20_000, lossy],
      ],
      22_000,
    ),
    "degraded",
  );
  assert.equal(
    stateAt(
      [
        [0, up],
        [20_000, lossy],
        [21_000, up],
        [21_500, lossy],
      ],
      23_000,
    ),
    "up",
    "the hold begins anew",
  );
  assert.equal(
    stateAt(
      [
        [0, up],
        [20_000, lossy],
        [30_000, up],
      ],
      39_900,
    ),
    "degraded",
  );
  assert.equal(
    stateAt(
      [
        [0, up],
        [20_000, lossy],
        [30_000, up],
      ],
      40_000,
    ),
    "up",
  );
  assert.equal(
    stateAt(
      [
        [0, up],
        [1_000, lossy],
      ],
      4_900,
    ),
    "up",
  );
  assert.equal(
    stateAt(
      [
        [0, up],
        [1_000, lossy],
      ],
      5_000,
    ),
    "degraded",
  );
});

test("what was down is probing for ten seconds without a gap before it is up", () => {
  const back = [
    [0, up],
    [20_000, silent],
    [30_000, up],
  ] as const;
  assert.equal(stateAt(back, 30_000), "probing");
  assert.equal(stateAt(back, 39_900), "probing");
  assert.equal(stateAt(back, 40_000), "up");
  assert.equal(stateAt([...back, [35_000, silent], [36_000, up]], 45_900), "probing");
  assert.equal(stateAt([...back, [35_000, silent], [36_000, up]], 46_000), "up");
});

test("one that goes down again and again is held back until it was calm for a while, at most forty seconds", () => {
  const flaps = Array.from({ length: 12 }, (_, index): readonly (readonly [number, Finding])[] => [
    [20_000 + index * 12_000, silent],
    [21_000 + index * 12_000, up],
  ]).flat();
  const calm = 21_000 + 11 * 12_000;
  const settled = settledBy([[0, up], ...flaps], calm + 11_000);
  assert.deepEqual([settled.state, settled.reason.code], ["probing", "suppressed"]);
  assert.equal(stateAt([[0, up], ...flaps], calm + 41_000), "up");
});

test("the loss of carrier counts as going down, and the way back is the same", () => {
  const trusted = settledBy([[0, up]], 20_000);
  const lost = settledAfterLoss(trusted, millis(20_000), config);
  assert.equal(lost.state, "down");
  assert.ok((lost.damping?.penalty ?? 0) > 0);
  assert.equal(settle(lost, up, millis(21_000), config).state, "probing");
});

test("a reason whose words change is told without a change of state", () => {
  const before = settledBy(
    [
      [0, up],
      [20_000, silent],
    ],
    20_000,
  );
  const after = settle(before, finding("down", "beyond-gateway"), millis(21_000), config);
  assert.deepEqual([after.state, after.reason.code, after.since], ["down", "beyond-gateway", before.since]);
});

test("whatever is found, and whenever: the state is one that its reason belongs to, and it settles when it said it would", () => {
  const findings = [up, lossy, silent, portal, nothing, finding("unknown", "no-privilege")];
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.constantFrom(...findings)), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(steps, (list) => {
      let now = 0;
      let settled = unsettled(millis(0));
      for (const [passed, found] of list) {
        now += passed;
        settled = settle(settled, found, millis(now), config);
        assert.ok(
          (reasonCodes[settled.state] as readonly string[]).includes(settled.reason.code),
          JSON.stringify(settled),
        );
        const due = settlesAt(settled, found, config);
        if (due === undefined) continue;
        assert.ok(due > now, "what is due was done");
        assert.notEqual(settle(settled, found, due, config).state, settled.state, "then it changes");
      }
    }),
  );
});

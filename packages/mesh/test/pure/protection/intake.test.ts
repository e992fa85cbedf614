/** The queue before verification: bounds, order, and that one link's flood costs the others no more than its share. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { defaultIntake, Intake, type IntakeStanding, turnBudget } from "@ropewalk/mesh/pure/protection/intake";
import fc from "fast-check";

const link = (number: number) => number as LinkId;
const entry = (key: string, standing: IntakeStanding = "new", cost = 1) => ({ key, standing, cost, item: key });
const fill = (intake: Intake<string, string>, of: LinkId, count: number, standing: IntakeStanding = "new") =>
  Array.from({ length: count }, (_, index) => intake.offer(of, entry(`${standing} ${of} ${index}`, standing)));
const items = (served: readonly { readonly item: string }[]) => served.map(({ item }) => item);

test("one link's announces are served in the order in which they came", () => {
  const intake = new Intake<string, string>();
  for (const key of ["a", "b", "c"]) intake.offer(link(1), entry(key));
  assert.deepEqual(items(intake.take(2)), ["a", "b"]);
  assert.deepEqual(items(intake.take(2)), ["c"]);
  assert.deepEqual(intake.take(2), []);
});

test("a turn costs no more than its budget; what alone costs more is served alone", () => {
  const intake = new Intake<string, string>();
  fill(intake, link(1), 150);
  fill(intake, link(2), 150);
  assert.equal(intake.take().length, turnBudget);
  const dear = new Intake<string, string>();
  for (const key of ["a", "b"]) dear.offer(link(1), entry(key, "new", 9));
  assert.deepEqual(items(dear.take(5)), ["a"]);
  assert.deepEqual(items(dear.take(17)), ["b"]);
});

test("a cost of nothing, or beyond measure, neither stalls a turn nor ends none", () => {
  const intake = new Intake<string, string>();
  for (let index = 0; index < 100; index += 1) intake.offer(link(1), entry(`${index}`, index % 2 ? "known" : "new", 0));
  assert.equal(intake.take(2).length, 32);
  intake.offer(link(2), entry("endless", "new", Number.POSITIVE_INFINITY));
  while (intake.size > 0) assert.ok(intake.take(8).length > 0);
});

test("a link's queue is bounded, and neither standing can crowd the other out of it", () => {
  for (const [first, second] of [
    ["new", "known"],
    ["known", "new"],
  ] as const) {
    const intake = new Intake<string, string>();
    const { perLink, reserved } = defaultIntake;
    assert.equal(
      fill(intake, link(1), 1000, first).filter((outcome) => outcome === "queued").length,
      perLink - reserved,
    );
    assert.equal(fill(intake, link(1), 1000, second).filter((outcome) => outcome === "queued").length, reserved);
    assert.equal(intake.size, perLink);
    assert.equal(intake.offer(link(2), entry("quiet")), "queued");
  }
});

test("of one link, known destinations and strangers are served in turn", () => {
  const intake = new Intake<string, string>();
  fill(intake, link(1), 100);
  fill(intake, link(1), 3, "known");
  assert.deepEqual(items(intake.take(6)), ["known 1 0", "new 1 0", "known 1 1", "new 1 1", "known 1 2", "new 1 2"]);
  assert.deepEqual(items(intake.take(2)), ["new 1 3", "new 1 4"]);
});

test("a neighbour's later word about the same takes the place of the earlier, and is verified once", () => {
  const intake = new Intake<string, string>();
  intake.offer(link(1), { key: "x", standing: "new", cost: 1, item: "first" });
  intake.offer(link(1), entry("y"));
  assert.equal(intake.offer(link(1), { key: "x", standing: "known", cost: 1, item: "second" }), "replaced");
  assert.equal(intake.offer(link(2), { key: "x", standing: "new", cost: 1, item: "of another" }), "queued");
  assert.deepEqual(items(intake.take()), ["second", "y", "of another"]);
});

test("what a neighbour takes back before its turn is not served, and neither is what a lost link brought", () => {
  const intake = new Intake<string, string>();
  for (const key of ["a", "b", "c"]) intake.offer(link(1), entry(key, key === "b" ? "known" : "new"));
  assert.equal(
    intake.remove(link(1), (item) => item !== "c"),
    2,
  );
  assert.equal(intake.sizeOf(link(1)), 1);
  fill(intake, link(2), 5);
  assert.equal(intake.dropLink(link(2)), 5);
  assert.equal(intake.dropLink(link(3)), 0);
  assert.equal(
    intake.remove(link(3), () => true),
    0,
  );
  assert.deepEqual(items(intake.take()), ["c"]);
  intake.offer(link(1), entry("d"));
  assert.equal(
    intake.remove(link(1), () => true),
    1,
  );
  assert.equal(intake.size, 0);
  assert.deepEqual(intake.take(), []);
});

test("while one link floods, a newcomer of another waits for one turn of each, not for the flood", () => {
  const intake = new Intake<string, string>();
  for (let turn = 0; turn < 50; turn += 1) {
    fill(intake, link(1), 1000);
    intake.take(10);
  }
  fill(intake, link(1), 1000);
  intake.offer(link(2), entry("newcomer"));
  assert.ok(items(intake.take(defaultIntake.quantum + 1)).includes("newcomer"));
});

test("whatever comes of whichever links, at most a turn of every other busy link is served between two turns of one", () => {
  const step = fc.record({
    link: fc.integer({ min: 1, max: 5 }),
    count: fc.integer({ min: 1, max: 40 }),
    cost: fc.double({ min: 0.1, max: 6, noNaN: true }),
    budget: fc.integer({ min: 0, max: 30 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: "max" }), (steps) => {
      const intake = new Intake<string, number>({ perLink: 256, reserved: 64, quantum: 4 });
      /** What each other link was served since this one, which always has something, was last served. */
      const since = new Map<LinkId, Map<LinkId, number>>();
      let name = 0;
      for (const { link: number, count, cost, budget } of steps) {
        for (let index = 0; index < count; index += 1) {
          name += 1;
          intake.offer(link(number), { key: `${name}`, standing: name % 3 ? "new" : "known", cost, item: cost });
        }
        const served = intake.take(budget);
        const spent = served.reduce((sum, { item }) => sum + item, 0);
        assert.ok(spent <= budget + 1e-9 || served.length === 1, `${spent} of ${budget}`);
        for (const { link: of, item } of served) {
          since.delete(of);
          for (let other = 1; other <= 5; other += 1) {
            if (other === of) continue;
            const others = since.get(link(other)) ?? new Map<LinkId, number>();
            others.set(of, (others.get(of) ?? 0) + item);
            since.set(link(other), others);
          }
        }
        for (let waiting = 1; waiting <= 5; waiting += 1) {
          if (intake.sizeOf(link(waiting)) === 0) since.delete(link(waiting));
          // Two turns at most pass before one that costs 6 is served of 4 a turn, each with what was left of the turn before.
          for (const [, cost] of since.get(link(waiting)) ?? []) assert.ok(cost <= 3 * 4 + 6, `${cost}`);
        }
      }
      let rest = intake.size;
      while (rest > 0) {
        rest -= intake.take(16).length;
        assert.equal(intake.size, rest);
      }
    }),
  );
});

/** Budgets of links: who joins gets in, and a flood has a bound that is its own link's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { DropCounts } from "@ropewalk/mesh/pure/protection/drop-counts";
import {
  type BudgetKind,
  defaultLinkBudget,
  LinkBudget,
  linkBudgetAt,
} from "@ropewalk/mesh/pure/protection/link-budget";

const allowed = (budget: LinkBudget, kind: BudgetKind, at: number, asked: number) =>
  Array.from({ length: asked }).filter(() => budget.take(millis(at), kind)).length;
const fresh = () => {
  const drops = new DropCounts<BudgetKind, "rate">();
  return { drops, budget: new LinkBudget(drops) };
};

test("a thousand nodes that nobody knew join through one link at once, each heard twice", () => {
  const { budget, drops } = fresh();
  assert.equal(allowed(budget, "new-announce", 0, 2000), 2000);
  assert.deepEqual([...drops.entries()], []);
});

test("a flood of strangers brings its burst and then a hundred a second, and takes nothing from other kinds", () => {
  const { budget, drops } = fresh();
  let strangers = 0;
  for (let at = 0; at < 10_000; at += 10) strangers += allowed(budget, "new-announce", at, 100);
  assert.ok(strangers <= 2048 + 10 * 100, `${strangers}`);
  assert.ok(strangers >= 2048 + 9 * 100, `${strangers}`);
  assert.equal(drops.of("new-announce", "rate"), 100_000 - strangers);
  for (const kind of ["known-announce", "request", "packet", "trace", "other"] as const) {
    assert.equal(allowed(budget, kind, 10_000, 100), 100, kind);
    assert.equal(drops.of(kind, "rate"), 0);
  }
});

test("each kind has a bucket of its own, full when the link comes up", () => {
  const { budget, drops } = fresh();
  for (const kind of Object.keys(defaultLinkBudget) as BudgetKind[]) {
    const { burst } = defaultLinkBudget[kind];
    assert.equal(allowed(budget, kind, 0, burst + 5), burst, kind);
    assert.equal(drops.of(kind, "rate"), 5, kind);
  }
  assert.equal([...drops.entries()].length, Object.keys(defaultLinkBudget).length);
});

test("other rates hold from when they are set, with nothing used up", () => {
  const { budget } = fresh();
  allowed(budget, "request", 0, 5_000);
  budget.reconfigure(linkBudgetAt({ request: 10 }));
  assert.equal(allowed(budget, "request", 0, 5_000), 103);
  assert.equal(allowed(budget, "request", 1_000, 5_000), 10);
});

test("a link's own refusals are counted beside those of all", () => {
  const drops = new DropCounts<BudgetKind, "rate">();
  const [one, other] = [new LinkBudget(drops), new LinkBudget(drops)];
  allowed(one, "request", 0, 1_024 + 3);
  allowed(other, "request", 0, 1_024 + 1);
  assert.deepEqual([...one.refused], [["request", 3]]);
  assert.equal(drops.of("request", "rate"), 4);
});

test("drops are counted for the node, by kind and reason", () => {
  const drops = new DropCounts<"packet" | "trace", "rate" | "full">();
  drops.count("packet", "rate");
  drops.count("packet", "rate", 4);
  drops.count("packet", "full");
  assert.equal(drops.of("packet", "rate"), 5);
  assert.equal(drops.of("trace", "rate"), 0);
  assert.deepEqual(
    [...drops.entries()],
    [
      { kind: "packet", reason: "rate", count: 5 },
      { kind: "packet", reason: "full", count: 1 },
    ],
  );
});

/** When nft runs and when not, on a firewall in memory that knows which seal stands in the table. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { uplinkMark } from "@ropewalk/host/allocations";
import type { FirewallChange } from "@ropewalk/host/firewall-transaction";
import type { MarkedUplink } from "@ropewalk/host/flow-mark-ruleset";
import { createFlowMarks, type FlowMarks, type FlowMarksRepair } from "@ropewalk/host/linux/flow-marks";
import type { NftOutcome } from "@ropewalk/host/nft";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { seconds } from "@ropewalk/kernel/units";

const uplink = (slot: number, interfaceName = `wan${slot}`): MarkedUplink => ({
  interfaceName,
  mark: uplinkMark(slot),
  addresses: [],
});

interface Firewall {
  readonly marks: FlowMarks;
  readonly clock: FakeClock;
  readonly scripts: readonly string[];
  /** What was told of repairs since it was asked last. */
  readonly told: () => readonly string[];
  /** How many watches are open. */
  readonly watches: () => number;
  /** What nft answers from now on; done when left out. */
  answer(outcome: NftOutcome | Promise<NftOutcome>): void;
  /** Somebody does it before the outcome of the next run is known. */
  afterNextRun(work: () => void): void;
  /** Somebody flushes the ruleset. */
  flush(): void;
  /** Somebody changes something in the table, and leaves its chains. */
  scratch(): void;
  /** Somebody loads the ruleset that he had saved. */
  restore(): void;
  /** The kernel tells what it has not told yet. */
  deliver(): void;
  lose(): void;
}

const neighbour = { name: "firewalld", pid: 812 };

function createFirewall(): Firewall {
  const clock = new FakeClock();
  const scripts: string[] = [];
  const waiting: FirewallChange[] = [];
  const listeners = new Set<(change: FirewallChange) => void>();
  let seal: string | undefined;
  let next: NftOutcome | Promise<NftOutcome> = { kind: "done" };
  const deliver = () => {
    for (const change of waiting.splice(0)) for (const listener of listeners) listener(change);
  };
  let atEnd = () => {};
  const run = async (script: string) => {
    scripts.push(script);
    const outcome = await next;
    if (outcome.kind !== "done") return outcome;
    seal = /chain (as-\w+)/.exec(script)?.[1];
    const by = { name: "nft", pid: 7 };
    waiting.push(seal === undefined ? { kind: "changed", by } : { kind: "made", firstChain: seal, by });
    atEnd();
    atEnd = () => {};
    return outcome;
  };
  const marks = createFlowMarks({
    run,
    isThere: (object) => seal !== undefined && (object.kind === "table" || object.chain === seal),
    watch: (listener) => {
      listeners.add(listener);
      return { catchUp: deliver, [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    clock,
  });
  const repairs: FlowMarksRepair[] = [];
  marks.subscribe((repair) => void repairs.push(repair));
  return {
    ...{ marks, clock, scripts, deliver },
    told: () =>
      repairs.splice(0).map(({ change, outcome }) => `${"by" in change ? change.by?.name : "?"}: ${outcome.kind}`),
    watches: () => listeners.size,
    answer: (outcome) => {
      next = outcome;
    },
    afterNextRun: (work) => {
      atEnd = work;
    },
    flush: () => {
      seal = undefined;
      waiting.push({ kind: "changed", by: neighbour });
    },
    scratch: () => void waiting.push({ kind: "changed", by: neighbour }),
    restore: () => {
      if (seal !== undefined) waiting.push({ kind: "made", firstChain: seal, by: neighbour });
    },
    lose: () => {
      waiting.splice(0, Number.POSITIVE_INFINITY, { kind: "unseen" });
    },
  };
}

/** What is awaited without a timer has happened. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

test("nft runs once for uplinks that stay the same, and again when somebody has flushed the ruleset", async () => {
  const { marks, scripts, flush } = createFirewall();
  assert.deepEqual(await marks.want([uplink(1), uplink(2)]), { kind: "done" });
  assert.deepEqual(await marks.want([uplink(2), uplink(1)]), { kind: "unchanged" });
  assert.equal(scripts.length, 1);
  flush();
  assert.deepEqual(await marks.want([uplink(1), uplink(2)]), { kind: "done" });
  assert.equal(scripts[0], scripts[1]);
});

test("without uplinks the table goes, once", async () => {
  const { marks, scripts } = createFirewall();
  await marks.want([uplink(1)]);
  assert.deepEqual(await marks.want([]), { kind: "done" });
  assert.deepEqual(await marks.purge(), { kind: "unchanged" });
  assert.equal(scripts.length, 2);
});

test("while nft runs only the last wish is kept, and all who wished get its outcome", async () => {
  const { marks, scripts, answer } = createFirewall();
  const first = Promise.withResolvers<NftOutcome>();
  answer(first.promise);
  const wishes = [1, 2, 3, 4].map((slot) => marks.want([uplink(slot)]));
  answer({ kind: "done" });
  first.resolve({ kind: "refused", detail: "of the first" });
  assert.deepEqual(await Promise.all(wishes), Array(4).fill({ kind: "done" }));
  assert.equal(scripts.length, 2);
  assert.match(scripts[1] ?? "", /"wan4"/);
  assert.deepEqual(await marks.want([uplink(4)]), { kind: "unchanged" });
});

test("what nft refuses is told and tried again with the next wish", async () => {
  const { marks, scripts, answer } = createFirewall();
  for (const outcome of [{ kind: "refused", detail: "no" }, { kind: "no-nft" }, { kind: "done" }] as const) {
    answer(outcome);
    assert.deepEqual(await marks.want([uplink(1)]), outcome);
  }
  assert.equal(scripts.length, 3);
});

test("an uplink whose name fits in no ruleset is left out, and the others are marked", async () => {
  const { marks, scripts } = createFirewall();
  assert.deepEqual(await marks.want([uplink(1), uplink(2, 'x" }')]), { kind: "done" });
  assert.match(scripts[0] ?? "", /"wan1"/);
  assert.doesNotMatch(scripts[0] ?? "", /x" }/);
});

test("a kernel that does not tell is an outcome, and no error", async () => {
  const isThere = () => {
    throw new Error("not permitted");
  };
  const watch = () => ({ catchUp: () => {}, [Symbol.dispose]: () => {} });
  const marks = createFlowMarks({ run: async () => ({ kind: "done" }), isThere, watch, clock: new FakeClock() });
  assert.deepEqual(await marks.want([uplink(1)]), { kind: "refused", detail: "not permitted" });
});

test("disposing waits for the run under way", async () => {
  const { marks, answer } = createFirewall();
  const run = Promise.withResolvers<NftOutcome>();
  answer(run.promise);
  const wish = marks.want([uplink(1)]);
  let isDisposed = false;
  const disposed = Promise.resolve(marks[Symbol.asyncDispose]()).then(() => {
    isDisposed = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isDisposed, false);
  run.resolve({ kind: "done" });
  await disposed;
  assert.deepEqual(await wish, { kind: "done" });
});

test("what somebody does to the table is undone at once, also where its chains still stand, and ours is not mistaken for his", async () => {
  const { marks, scripts, told, flush, scratch, deliver } = createFirewall();
  await marks.want([uplink(1)]);
  deliver();
  await settle();
  assert.deepEqual([scripts.length, told()], [1, []]);
  for (const damage of [flush, scratch]) {
    damage();
    deliver();
    await settle();
    assert.deepEqual(told(), ["firewalld: done"]);
  }
  assert.equal(scripts.length, 3);
  assert.deepEqual(await marks.want([uplink(1)]), { kind: "unchanged" });
});

test("what was done before nft ran is undone by that run, and what was done right behind it by another", async () => {
  const { marks, scripts, told, answer, afterNextRun, scratch, deliver } = createFirewall();
  await marks.want([uplink(1)]);
  const run = Promise.withResolvers<NftOutcome>();
  answer(run.promise);
  const wish = marks.want([uplink(2)]);
  scratch();
  deliver();
  answer({ kind: "done" });
  run.resolve({ kind: "done" });
  assert.deepEqual(await wish, { kind: "done" });
  assert.deepEqual([scripts.length, told()], [2, []]);
  afterNextRun(scratch);
  assert.deepEqual(await marks.want([uplink(3)]), { kind: "done" });
  await settle();
  assert.deepEqual([scripts.length, told()], [4, ["firewalld: done"]]);
});

test("who goes on changing it is fought ever more rarely, and a new wish is no repair", async () => {
  const { marks, clock, scripts, told, scratch, deliver } = createFirewall();
  await marks.want([uplink(1)]);
  const interfere = async () => {
    scratch();
    deliver();
    await settle();
  };
  for (let round = 0; round < 8; round += 1) await interfere();
  assert.deepEqual(told(), [...Array(5).fill("firewalld: done"), "firewalld: put-off"]);
  clock.advance(seconds(11));
  await settle();
  assert.deepEqual(told(), []);
  clock.advance(seconds(1));
  await settle();
  assert.deepEqual(told(), ["firewalld: done"]);
  await interfere();
  assert.deepEqual(told(), ["firewalld: put-off"]);
  const before = scripts.length;
  assert.deepEqual(await marks.want([uplink(1)]), { kind: "done" });
  clock.advance(seconds(60));
  await settle();
  assert.deepEqual([scripts.length, told()], [before + 1, []]);
});

test("who puts the table back as it was ends the wait for a repair", async () => {
  const { marks, clock, scripts, told, scratch, restore, deliver } = createFirewall();
  await marks.want([uplink(1)]);
  for (let round = 0; round < 6; round += 1) {
    scratch();
    deliver();
    await settle();
  }
  assert.equal(told().at(-1), "firewalld: put-off");
  const before = scripts.length;
  restore();
  deliver();
  assert.deepEqual(told(), ["firewalld: unchanged"]);
  clock.advance(seconds(60));
  await settle();
  assert.deepEqual([scripts.length, told()], [before, []]);
});

test("a repair that nft refuses is tried again after a while", async () => {
  const { marks, clock, told, answer, flush, deliver } = createFirewall();
  await marks.want([uplink(1)]);
  answer({ kind: "refused", detail: "busy" });
  flush();
  deliver();
  await settle();
  assert.deepEqual(told(), ["firewalld: refused"]);
  answer({ kind: "done" });
  clock.advance(seconds(15));
  await settle();
  assert.deepEqual(told(), ["firewalld: done"]);
});

test("when events were lost the table is made anew, for nobody knows how it is", async () => {
  const { marks, scripts, told, lose, deliver } = createFirewall();
  await marks.want([uplink(1)]);
  lose();
  deliver();
  await settle();
  assert.deepEqual([scripts.length, told()], [2, ["?: done"]]);
});

test("nothing is watched while no marks are wanted, nor when it is disposed", async () => {
  const { marks, clock, scripts, watches, told, scratch, deliver } = createFirewall();
  await marks.want([]);
  assert.equal(watches(), 0);
  await marks.want([uplink(1)]);
  assert.equal(watches(), 1);
  await marks.purge();
  assert.equal(watches(), 0);
  await marks.want([uplink(1)]);
  for (let round = 0; round < 6; round += 1) {
    scratch();
    deliver();
    await settle();
  }
  const before = scripts.length;
  await marks[Symbol.asyncDispose]();
  told();
  clock.advance(seconds(60));
  await settle();
  assert.deepEqual([watches(), scripts.length, told()], [0, before, []]);
});

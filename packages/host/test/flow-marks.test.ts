/** When nft runs and when not, on a firewall in memory that knows which seal stands in the table. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { uplinkMark } from "@ropewalk/host/allocations";
import type { MarkedUplink } from "@ropewalk/host/flow-mark-ruleset";
import { createFlowMarks, type FlowMarks } from "@ropewalk/host/linux/flow-marks";
import type { NftOutcome } from "@ropewalk/host/linux/nft-program";

const uplink = (slot: number, interfaceName = `wan${slot}`): MarkedUplink => ({
  interfaceName,
  mark: uplinkMark(slot),
  addresses: [],
});

interface Firewall {
  readonly marks: FlowMarks;
  readonly scripts: readonly string[];
  /** What nft answers from now on; done when left out. */
  answer(outcome: NftOutcome | Promise<NftOutcome>): void;
  flush(): void;
}

function createFirewall(): Firewall {
  const scripts: string[] = [];
  let seal: string | undefined;
  let next: NftOutcome | Promise<NftOutcome> = { kind: "done" };
  const run = async (script: string) => {
    scripts.push(script);
    const outcome = await next;
    if (outcome.kind === "done") seal = /chain (as-\w+)/.exec(script)?.[1];
    return outcome;
  };
  return {
    marks: createFlowMarks({
      run,
      isThere: (object) => seal !== undefined && (object.kind === "table" || object.chain === seal),
    }),
    scripts,
    answer: (outcome) => {
      next = outcome;
    },
    flush: () => {
      seal = undefined;
    },
  };
}

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
  const marks = createFlowMarks({ run: async () => ({ kind: "done" }), isThere });
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

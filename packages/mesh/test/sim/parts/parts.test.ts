import assert from "node:assert/strict";
import { test } from "node:test";
import { FloodingNode } from "../flooding-node.ts";
import { grid } from "../graphs.ts";
import { massDeath } from "../mass-death.ts";
import type { MakeNode } from "../simulated-node.ts";
import { type MakeWatched, watchedInTurns, watchedWhole } from "../watched-mesh.ts";

/** Each wants the link cut over which the hundredth frame comes. */
const cutting: MakeNode = (making) => {
  const node = new FloodingNode(making);
  const receive = node.receive.bind(node);
  let heard = 0;
  return Object.assign(node, {
    receive: (...heardNow: Parameters<FloodingNode["receive"]>) => {
      heard += 1;
      const [, link] = heardNow;
      return heard === 100 ? [{ kind: "cut", link, why: "tired" }] : receive(...heardNow);
    },
  });
};

test("a link that a node wants cut is cut in each part that has an end of it, at one time", async () => {
  const found = (make: MakeWatched) => massDeath({ seed: 5, graph: grid(6, 5), death: "told", probes: 20 }, make);
  const { faults, costs } = await found(watchedWhole(cutting));
  assert.ok(faults.filter((fault) => fault.includes("tired")).length > 10, `${faults}`);
  const inTurns = await found(watchedInTurns(cutting));
  assert.deepEqual(inTurns.faults.toSorted(), faults.toSorted());
  assert.deepEqual({ ...inTurns.costs, verified: 0 }, { ...costs, verified: 0 });
});

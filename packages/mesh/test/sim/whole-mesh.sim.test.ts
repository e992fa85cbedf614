/**
 * Meshes that find themselves, lose nodes and links, fall apart and come together; and that the checker would see it if they did not.
 * A thousand nodes: `npm run soak -- mesh-1000`.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seconds } from "@ropewalk/kernel/units";
import { Random } from "@ropewalk/simnet/random";
import { seedsToRun, simulate } from "@ropewalk/simnet/simulate";
import { settled, untilRoutable } from "./attack.ts";
import { chain, grid, randomGeometric, smallWorld } from "./graphs.ts";
import { describeCosts, massDeath } from "./mass-death.ts";
import { meshNodes } from "./mesh-node-maker.ts";
import { mutatedMesh } from "./mutated-mesh.ts";
import { hopLies, routability } from "./oracle.ts";
import { crossCheck } from "./traces.ts";
import { type MakeWatched, watchedInThreads, watchedInTurns, watchedWhole } from "./watched-mesh.ts";

for (const seed of seedsToRun(process.env, { count: 1 })) {
  for (const death of ["told", "silent"] as const) {
    test(`sixty nodes find each other, and again when a tenth has died, ${death} (seed ${seed})`, (t) =>
      simulate(seed, async () => {
        const options = { seed, graph: randomGeometric(60, 8, new Random(seed)), death, probes: 40 };
        const { joined, healed, faults, costs } = await massDeath(options, watchedWhole(meshNodes()));
        assert.deepEqual(faults, []);
        t.diagnostic(`joined in ${joined} ms, healed in ${healed} ms; ${describeCosts(costs)}`);
      }));
  }

  test(`a small world and a grid are routed by the shortest ways, and traces tell them (seed ${seed})`, () =>
    simulate(seed, () => {
      for (const graph of [smallWorld(60, 6, 0.2, new Random(seed)), grid(8, 7)]) {
        const sim = settled(seed, graph, meshNodes);
        const { share, loops } = routability(sim);
        assert.deepEqual({ share, loops }, { share: 1, loops: 0 });
        assert.deepEqual(
          hopLies(sim, () => false, 0),
          [],
        );
        assert.deepEqual(crossCheck(sim, 50), []);
      }
    }));

  test(`a chain as long as announces go is routed from end to end, and one that is longer is not (seed ${seed})`, () =>
    simulate(seed, () => {
      const whole = settled(seed, chain(64), meshNodes);
      assert.equal(routability(whole).share, 1);
      assert.deepEqual(crossCheck(whole, 20), []);
      const longer = settled(seed, chain(67), meshNodes);
      const { deadEnds, loops } = routability(longer);
      assert.ok(deadEnds > 0 && deadEnds <= 6, `${deadEnds}`);
      assert.equal(loops, 0);
    }));

  test(`a mesh that was parted for a minute is one again within two seconds of being healed (seed ${seed})`, () =>
    simulate(seed, () => {
      const sim = settled(seed, grid(8, 6), meshNodes);
      sim.part((index) => index % 8 < 4);
      sim.run(seconds(60));
      assert.equal(routability(sim).pairs, 2 * 24 * 23);
      assert.equal(routability(sim).share, 1);
      sim.healAll();
      const took = untilRoutable(sim, 1, seconds(5));
      assert.ok(took !== undefined && took <= seconds(2), `${took}`);
      assert.equal(routability(sim).pairs, 48 * 47);
      assert.deepEqual(crossCheck(sim, 30), []);
    }));

  test(`while nodes come and go and links break for a minute no way goes round, and after it all are found (seed ${seed})`, () =>
    simulate(seed, () => {
      const sim = settled(seed, smallWorld(50, 6, 0.2, new Random(seed)), meshNodes);
      const random = sim.random.fork("churn");
      for (let second = 0; second < 60; second += 1) {
        const node = sim.station(random.below(50));
        if (!node.isAlive) sim.start(node.index);
        else if (random.isLucky(0.5)) sim.restart(node.index, random.isLucky(0.3) ? "wiped" : "kept");
        else sim.kill(node.index, random.isLucky(0.5) ? "told" : "silent");
        const cable = sim.cables[random.below(sim.cables.length)];
        const fate = random.below(4);
        if (fate === 0) cable?.cut();
        else if (fate === 1) cable?.cutSilently();
        else cable?.heal();
        sim.run(seconds(1));
        const { loops } = routability(sim);
        assert.equal(loops, 0, `after ${second} s`);
      }
      sim.healAll();
      for (const { index, isAlive } of sim.stations) if (!isAlive) sim.start(index);
      const took = untilRoutable(sim, 1, seconds(20));
      assert.ok(took !== undefined, JSON.stringify(routability(sim)));
      assert.deepEqual(crossCheck(sim, 30), []);
    }));
}

test("a mesh in parts that take turns, or run in threads, finds itself as the whole does, frame by frame", async () => {
  const options = { seed: 4, graph: randomGeometric(36, 8, new Random(4)), death: "told", probes: 30 } as const;
  const found = async (make: MakeWatched) => {
    const { joined, healed, faults, costs } = await massDeath(options, make);
    // Each part verifies for itself what no other has told it yet.
    return { joined, healed, faults, costs: { ...costs, verified: 0 } };
  };
  const whole = await found(watchedWhole(meshNodes()));
  assert.deepEqual(whole.faults, []);
  assert.deepEqual(await found(watchedInTurns(meshNodes())), whole);
  assert.deepEqual(await found(watchedInThreads), whole);
});

test("without the rule that keeps loops out, loops are seen while nodes die", async () => {
  const patches = [
    {
      file: "routing/route.ts",
      find: "return hops < this.#nearest;",
      replace: "return hops < 64 || hops < this.#nearest;",
    },
  ];
  const looping = await mutatedMesh("no feasibility", patches);
  const { faults } = await massDeath({ seed: 1, graph: grid(8, 7), death: "told", probes: 0 }, watchedWhole(looping()));
  assert.ok(
    faults.some((fault) => /went round in circles/.test(fault)),
    `${faults}`,
  );
});

test("without a question for newer announces, those whose ways have died stay without", async () => {
  const patches = [
    {
      file: "route-losses.ts",
      find: 'this.#deps.requests.want(now, address, announce, this.#isUsed(now, route) ? "used" : unused);',
      replace: 'void [address, announce, this.#isUsed(now, route) ? "used" : "unused"];',
    },
  ];
  const mute = await mutatedMesh("no questions", patches);
  const graph = randomGeometric(100, 8, new Random(1));
  const { faults } = await massDeath({ seed: 1, graph, death: "told", probes: 0 }, watchedWhole(mute()));
  assert.ok(
    faults.some((fault) => /a tenth died/.test(fault)),
    `${faults}`,
  );
});

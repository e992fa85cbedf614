/** That the simulator says what is so: with a node of which it is known what becomes of it, and others that are broken on purpose. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bitsPerSecond, millis, seconds } from "@ropewalk/kernel/units";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { Random } from "@ropewalk/simnet/random";
import { VirtualTime } from "@ropewalk/simnet/virtual-time";
import { Ear } from "./ear.ts";
import { FloodingNode } from "./flooding-node.ts";
import { chain, componentsOf, grid, randomGeometric } from "./graphs.ts";
import { MeshSim } from "./mesh-sim.ts";
import { connectedPairs, nextHopsOf, routability } from "./oracle.ts";
import { Outlet } from "./outlet.ts";
import type { MakeNode, SimulatedRoute } from "./simulated-node.ts";

const [first, second] = [1 as LinkId, 2 as LinkId];
const flooding: MakeNode = (making) => new FloodingNode(making);

function started(seed: number, graph = grid(6, 5), make = flooding): MeshSim {
  const sim = new MeshSim({ seed, graph, make });
  sim.startAll();
  sim.run(seconds(2));
  return sim;
}

/** An ear that is at most so busy, its links by their numbers, and what it heard of which when. */
function listening(busyUntil = 0) {
  const time = new VirtualTime();
  const heard: (readonly [number, number, readonly number[]])[] = [];
  const listener = {
    ...{ phase: 0, busyUntil },
    hear: (link: LinkId, frames: readonly Uint8Array[]) =>
      void heard.push([time.now, link, frames.map(([first = -1]) => first)]),
  };
  return { time, heard, listener, ear: new Ear(time, listener) };
}

test("frames leave at the rate, arrive in order after the delay, and what the queue does not hold is dropped and counted", () => {
  const { time, heard, ear } = listening();
  const profile = { delay: millis(20), rate: bitsPerSecond(8_000), queue: millis(250) };
  const outlet = new Outlet(profile, time, ear.open(first));
  // With the overhead 100 octets each, so 100 ms.
  for (let frame = 0; frame < 6; frame += 1) outlet.send(new Uint8Array(76).fill(frame));
  time.run(seconds(2));
  assert.deepEqual(heard, [
    [120, first, [0]],
    [220, first, [1]],
    [320, first, [2]],
  ]);
  assert.deepEqual(outlet.counts, { frames: 3, octets: 300, dropped: 3 });
});

test("what arrives between two rounds of a listener is heard at once, and not before a busy listener has time", () => {
  const { time, heard, listener, ear } = listening(30);
  const inlet = ear.open(first);
  for (let frame = 0; frame < 3; frame += 1) inlet.put(6 + frame, Uint8Array.of(frame));
  time.run(seconds(1));
  assert.deepEqual(heard, [[30, first, [0, 1, 2]]]);
  listener.busyUntil = 0;
  for (let frame = 0; frame < 3; frame += 1) inlet.put(1006 + 2 * frame, Uint8Array.of(frame));
  time.run(seconds(1));
  assert.deepEqual(heard.slice(1), [[1010, first, [0, 1, 2]]]);
});

test("of several links that is heard first over which a frame came first, whichever was put there sooner, and behind all else of that time", () => {
  const { time, heard, ear } = listening();
  const [one, other] = [ear.open(first), ear.open(second)];
  one.put(9, Uint8Array.of(1));
  time.after(millis(10), () => one.put(10, Uint8Array.of(2)));
  time.after(millis(5), () => other.put(8, Uint8Array.of(3)));
  time.run(seconds(1));
  assert.deepEqual(heard, [
    [10, second, [3]],
    [10, first, [1, 2]],
  ]);
});

test("what is on its way over a link that is closed is not heard, and what comes over others is", () => {
  const { time, heard, ear } = listening();
  const [one, other] = [ear.open(first), ear.open(second)];
  one.put(3, Uint8Array.of(1));
  other.put(13, Uint8Array.of(2));
  ear.close(first);
  time.run(seconds(1));
  assert.deepEqual(heard, [[15, second, [2]]]);
});

test("whoever floods a grid is found by all, and each probe says what the walk by next hops says", () => {
  const sim = started(1);
  assert.deepEqual(routability(sim), { pairs: 870, routable: 870, loops: 0, deadEnds: 0, intoNothing: 0, share: 1 });
  const probes = connectedPairs(sim, 100).map(([from, to]) => [from, sim.probe(from, to)] as const);
  sim.run(seconds(1));
  for (const [from, probe] of probes) assert.equal(sim.resultOf(from, probe)?.kind, "answered");
});

test("the same seed gives the same run, octet by octet, and another seed another one", () => {
  const octets = (seed: number) => started(seed).cables.map(({ counts }) => counts.octets);
  assert.deepEqual(octets(1), octets(1));
  assert.notDeepEqual(octets(1), octets(2));
});

test("a node that is killed is missed by its neighbours when they are told, and never when it dies in silence", () => {
  for (const death of ["told", "silent"] as const) {
    const sim = started(1, chain(5));
    sim.kill(2, death);
    sim.run(seconds(2));
    assert.deepEqual(componentsOf(sim.connected()), [0, 0, 1, 2, 2]);
    const { pairs, routable, intoNothing } = routability(sim);
    assert.deepEqual([pairs, routable, intoNothing], [4, 4, 0]);
    const believed = [...(sim.station(1).node?.routes() ?? [])].length;
    assert.equal(believed, death === "told" ? 1 : 4);
  }
});

test("a way over a link that died in silence leads into nothing, and is counted as that", () => {
  const sim = started(1, grid(2, 2));
  sim.cableOf(0, 1)?.cutSilently();
  const { pairs, routable, intoNothing } = routability(sim);
  assert.equal(pairs, 12);
  assert.ok(intoNothing >= 2 && routable + intoNothing === 12);
  sim.cableOf(0, 1)?.heal();
  sim.run(seconds(2));
  assert.equal(routability(sim).share, 1);
});

test("a mesh that is parted is two, and one again when it is healed", () => {
  const sim = started(3);
  sim.part((index) => index % 6 < 3);
  sim.run(seconds(3));
  assert.deepEqual([...new Set(componentsOf(sim.connected()))], [0, 1]);
  assert.equal(routability(sim).pairs, 2 * 15 * 14);
  sim.healAll();
  sim.run(seconds(3));
  const { pairs, share } = routability(sim);
  assert.deepEqual([pairs, share], [870, 1]);
});

test("a node that is started again has other links, and what its disk had unless that was wiped", () => {
  const sim = started(1, chain(3));
  const before = [...sim.station(1).ports.keys()];
  sim.restart(1, "kept");
  sim.run(seconds(2));
  assert.ok([...sim.station(1).ports.keys()].every((link) => !before.includes(link)));
  assert.equal(routability(sim).share, 1);
  assert.ok(sim.station(1).mark.sequence > 3);
  sim.restart(1, "wiped");
  assert.equal(sim.station(1).mark.sequence, 0);
});

test("nodes that go round in circles, end nowhere or know nobody are told apart", () => {
  // 0 - 1 - 2 - 3, and for destination 3: 0 goes to 1, 1 back to 0; 2 knows nothing.
  const lost: MakeNode = (making) => {
    const node = new FloodingNode(making);
    const routes = node.routes.bind(node);
    return Object.assign(node, {
      routes: () => [...routes()].flatMap((route) => misled(making.crypto.address, route)),
    });
  };
  const sim = started(1, chain(4), lost);
  const address = (index: number) => sim.station(index).address;
  function misled(of: string, route: SimulatedRoute): readonly SimulatedRoute[] {
    if (route.address !== address(3)) return [route];
    if (of === address(2)) return [];
    const [back] = [...sim.station(1).ports].filter(([, { peer }]) => peer.index === 0);
    return of === address(1) && back !== undefined ? [{ address: route.address, best: { link: back[0] } }] : [route];
  }
  const { pairs, routable, loops, deadEnds } = routability(sim);
  assert.deepEqual({ pairs, routable, loops, deadEnds }, { pairs: 12, routable: 9, loops: 2, deadEnds: 1 });
  assert.equal(nextHopsOf(sim).walk(0, 3), undefined);
  assert.deepEqual(nextHopsOf(sim).walk(3, 0), [3, 2, 1, 0]);
});

test("a link that its node wants cut is down at both ends, and dialled again after five seconds", () => {
  const cutting: MakeNode = (making) => {
    const node = new FloodingNode(making);
    const receive = node.receive.bind(node);
    let heard = 0;
    return Object.assign(node, {
      receive: (...heardNow: Parameters<FloodingNode["receive"]>) => {
        heard += 1;
        const [, link] = heardNow;
        return heard === 2 ? [{ kind: "cut", link, why: "tired" }] : receive(...heardNow);
      },
    });
  };
  const sim = new MeshSim({ seed: 1, graph: chain(3), make: cutting });
  sim.startAll();
  sim.run(seconds(3));
  assert.ok(sim.cuts.length > 0 && sim.cuts.every(({ why }) => why === "tired"));
  assert.ok(sim.connected().edges.length < 2);
  sim.run(seconds(15));
  assert.equal(sim.connected().edges.length, 2);
});

test("a clock that is wrong is wrong for its node alone, whose deadlines come when they would", () => {
  const sim = new MeshSim({ seed: 1, graph: chain(2), make: flooding });
  sim.station(0).clockError = 10 * 365 * 86_400_000;
  sim.station(1).meddler = { hears: () => [] };
  sim.startAll();
  sim.run(seconds(1));
  const probe = sim.probe(0, 1);
  sim.run(seconds(9));
  assert.equal(sim.resultOf(0, probe), undefined);
  sim.run(seconds(2));
  assert.equal(sim.resultOf(0, probe)?.kind, "unanswered");
});

test("what a meddler changes on the way is what others hear", () => {
  const sim = new MeshSim({ seed: 1, graph: chain(4), make: flooding });
  sim.station(1).meddler = { sends: (frame, { peer }) => (peer.index === 2 ? [] : [frame]) };
  sim.startAll();
  sim.run(seconds(2));
  const { pairs, routable } = routability(sim);
  // 2 and 3 hear nothing of 0 and 1, who hear of them.
  assert.deepEqual([pairs, routable], [12, 8]);
});

test("a small mesh of two hundred, and how long it takes", (t) => {
  const sim = new MeshSim({ seed: 1, graph: randomGeometric(200, 8, new Random(1)), make: flooding });
  const began = performance.now();
  sim.startAll();
  const took = sim.runUntil(() => routability(sim).share === 1, { every: millis(100), atMost: seconds(20) });
  const frames = sim.cables.reduce((sum, { counts }) => sum + counts.frames, 0);
  t.diagnostic(`${took} ms virtual, ${Math.round(performance.now() - began)} ms real, ${frames} frames`);
  assert.ok(took !== undefined);
});

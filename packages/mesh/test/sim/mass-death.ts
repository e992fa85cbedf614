/** A mesh that is switched on all at once, and then loses a tenth of its nodes: how long until those who can reach each other do. */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { Random } from "@ropewalk/simnet/random";
import type { Graph } from "./graphs.ts";
import { type Death, MeshSim } from "./mesh-sim.ts";
import { connectedPairs, isWay, NextHops, type Routability, routability } from "./oracle.ts";
import type { MakeNode } from "./simulated-node.ts";

export interface MassDeathOptions {
  readonly seed: number;
  readonly graph: Graph;
  readonly make: MakeNode;
  readonly death: Death;
  readonly isMemoised?: boolean;
  /** Of how many pairs it is asked whether a probe says what the next hops say. */
  readonly probes: number;
  readonly report?: (line: string) => void;
}

export interface MassDeath {
  /** Virtual time until 99.9 % of connected pairs were routable; undefined: not within the time allowed. */
  readonly joined: Millis | undefined;
  /** Until 99 % were again, after a tenth had died. */
  readonly healed: Millis | undefined;
  readonly faults: readonly string[];
  readonly sim: MeshSim;
}

const joinShare = 0.999;
const healShare = 0.99;
const every = millis(250);
const deadShare = 0.1;
/** In which a probe is answered or lost. */
const probeTime = seconds(4);

export function massDeath(options: MassDeathOptions): MassDeath {
  const { seed, graph, make, death, isMemoised = true, report = () => undefined } = options;
  const sim = new MeshSim({ seed, graph, make, isMemoised });
  const faults: string[] = [];
  const look = (wanted: number, what: string, atMost: Millis): Millis | undefined => {
    const worst = { loops: 0 };
    const isReached = (): boolean => {
      const now = routability(sim);
      worst.loops = Math.max(worst.loops, now.loops);
      report(`${sim.time.now} ms: ${describe(now)}`);
      return now.share >= wanted;
    };
    const took = sim.runUntil(isReached, { every, atMost });
    if (took === undefined) faults.push(`seed ${seed}: ${what}: not ${wanted} of the pairs within ${atMost} ms`);
    if (worst.loops > 0) faults.push(`seed ${seed}: ${what}: ${worst.loops} ways went round in circles`);
    return took;
  };
  sim.startAll();
  const joined = look(joinShare, "switched on", seconds(5));
  faults.push(...crossCheck(sim, options.probes).map((fault) => `seed ${seed}: switched on: ${fault}`));
  const random = new Random(seed).fork("deaths");
  for (const { index } of sim.stations) if (random.isLucky(deadShare)) sim.kill(index, death);
  const healed = look(healShare, `a tenth died (${death})`, seconds(10));
  faults.push(...crossCheck(sim, options.probes).map((fault) => `seed ${seed}: a tenth died: ${fault}`));
  faults.push(
    ...sim.cuts.filter(({ of }) => sim.station(of).isAlive).map((cut) => `seed ${seed}: ${JSON.stringify(cut)}`),
  );
  return { joined, healed, faults, sim };
}

/** Traces over pairs whose ways the next hops show, there and back: each must be answered, by a way that is there. */
export function crossCheck(sim: MeshSim, count: number): readonly string[] {
  const hops = new NextHops(sim);
  const asked = connectedPairs(sim, count)
    .filter(([from, to]) => hops.walk(from, to) !== undefined && hops.walk(to, from) !== undefined)
    .map(([from, to]) => ({ from, to, probe: sim.probe(from, to, "trace") }));
  sim.run(probeTime);
  return asked.flatMap(({ from, to, probe }) => {
    const result = sim.resultOf(from, probe);
    if (result?.kind !== "answered")
      return [`${from} to ${to}: the next hops lead there, and the trace was not answered`];
    const way = [from, ...result.path.map((address) => sim.indexOf(address) ?? -1), to];
    return isWay(sim, way) ? [] : [`${from} to ${to}: the trace tells of a way that is none: ${way}`];
  });
}

/** Frames, octets, memory: what it took. */
export function costs(sim: MeshSim): string {
  const sum = (count: "frames" | "octets" | "dropped") =>
    sim.cables.reduce((total, { counts }) => total + counts[count], 0);
  const { rss } = process.memoryUsage();
  const verdicts =
    sim.verdicts === undefined ? "" : `, ${sim.verdicts.counts.verified} of ${sim.verdicts.counts.asked} verified`;
  return `${sum("frames")} frames, ${Math.round(sum("octets") / 1e6)} MB, ${sum("dropped")} dropped${verdicts}, RSS ${Math.round(rss / 1e6)} MB`;
}

function describe({ pairs, share, loops, deadEnds, intoNothing }: Routability): string {
  return `${(100 * share).toFixed(3)} % of ${pairs} pairs, ${deadEnds} dead ends, ${intoNothing} into nothing, ${loops} loops`;
}

/** A mesh that is switched on all at once, and then loses a tenth of its nodes: how long until those who can reach each other do. */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { Random } from "@ropewalk/simnet/random";
import type { Graph } from "./graphs.ts";
import type { Death } from "./mesh-sim.ts";
import { type Routability, routability } from "./oracle.ts";
import { pairsToTrace, probeTime, traceFaults } from "./traces.ts";
import { type MakeWatched, type WatchedCosts, WatchedMesh } from "./watched-mesh.ts";

export interface MassDeathOptions {
  readonly seed: number;
  readonly graph: Graph;
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
  readonly costs: WatchedCosts;
}

const joinShare = 0.999;
const healShare = 0.99;
const every = millis(250);
const deadShare = 0.1;

/** `make`: of which nodes the mesh is, and in what parts it is simulated. */
export async function massDeath(options: MassDeathOptions, make: MakeWatched): Promise<MassDeath> {
  const { seed, graph, isMemoised = true } = options;
  await using mesh = new WatchedMesh({ seed, graph, isMemoised }, make);
  return await new Run(options, mesh).run();
}

class Run {
  readonly #options: MassDeathOptions;
  readonly #mesh: WatchedMesh;
  readonly #faults: string[] = [];

  constructor(options: MassDeathOptions, mesh: WatchedMesh) {
    this.#options = options;
    this.#mesh = mesh;
  }

  async run(): Promise<MassDeath> {
    const { seed, death } = this.#options;
    const { network, cuts } = this.#mesh;
    const joined = await this.#until(joinShare, "switched on", seconds(5));
    await this.#crossCheck("switched on");
    const random = new Random(seed).fork("deaths");
    const dying = network.stations.filter(() => random.isLucky(deadShare)).map(({ index }) => index);
    await this.#mesh.kill(dying, death);
    const healed = await this.#until(healShare, `a tenth died (${death})`, seconds(10));
    await this.#crossCheck("a tenth died");
    for (const cut of cuts) if (network.station(cut.of).isAlive) this.#fault(JSON.stringify(cut));
    return { joined, healed, faults: this.#faults, costs: this.#mesh.costs };
  }

  /** How long it took until such a share of pairs was routable. */
  async #until(wanted: number, what: string, atMost: Millis): Promise<Millis | undefined> {
    const { network, hops } = this.#mesh;
    const began = network.time.now;
    let loops = 0;
    let took: Millis | undefined;
    while (took === undefined && network.time.now - began < atMost) {
      await this.#mesh.look(every);
      const now = routability(network, undefined, hops);
      loops = Math.max(loops, now.loops);
      this.#options.report?.(`${network.time.now} ms: ${describe(now)}`);
      if (now.share >= wanted) took = millis(network.time.now - began);
    }
    if (took === undefined) this.#fault(`${what}: not ${wanted} of the pairs within ${atMost} ms`);
    if (loops > 0) this.#fault(`${what}: ${loops} ways went round in circles`);
    return took;
  }

  async #crossCheck(what: string): Promise<void> {
    const { network, hops } = this.#mesh;
    const pairs = pairsToTrace(network, hops, this.#options.probes);
    const traced = await this.#mesh.trace(pairs, probeTime);
    for (const fault of traceFaults(network, pairs, traced)) this.#fault(`${what}: ${fault}`);
  }

  #fault(fault: string): void {
    this.#faults.push(`seed ${this.#options.seed}: ${fault}`);
  }
}

export function describeCosts({ frames, octets, dropped, asked, verified }: WatchedCosts): string {
  const { rss } = process.memoryUsage();
  const verdicts = asked === 0 ? "" : `, ${verified} of ${asked} verified`;
  return `${frames} frames, ${Math.round(octets / 1e6)} MB, ${dropped} dropped${verdicts}, RSS ${Math.round(rss / 1e6)} MB`;
}

function describe({ pairs, share, loops, deadEnds, intoNothing }: Routability): string {
  return `${(100 * share).toFixed(3)} % of ${pairs} pairs, ${deadEnds} dead ends, ${intoNothing} into nothing, ${loops} loops`;
}

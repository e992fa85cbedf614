/** Attacks on what is the latest: announces that were kept, clocks that are wrong by years, and nodes that have forgotten what they said. */
import { millis, seconds } from "@ropewalk/kernel/units";
import { isNewer } from "@ropewalk/mesh/pure/wire/announce";
import { Random } from "@ropewalk/simnet/random";
import { Replayer } from "./adversaries/replayer.ts";
import { type Attack, settled, unless, untilRoutable } from "./attack.ts";
import { chain, type Graph, grid, smallWorld } from "./graphs.ts";
import type { MeshSim } from "./mesh-sim.ts";
import { routability } from "./oracle.ts";

const tenYears = 10 * 365.25 * 86_400_000;

/** 0 - 1 - 2 - 3, and 4 that is switched on later, behind 3, who keeps what it hears. */
export const replay: Attack = {
  name: "announces of the dead that somebody kept",
  run(nodes, seed) {
    const replayer = new Replayer();
    const sim = settled(seed, chain(5), nodes, (arranged) => {
      arranged.station(3).meddler = replayer;
    });
    const dead = sim.station(0).address;
    sim.kill(0, "told");
    sim.kill(4, "told");
    sim.run(seconds(3));
    sim.start(4);
    sim.run(seconds(1));
    replayTo(sim, replayer, 4);
    sim.run(seconds(1));
    const standing = sim.station(4).node?.route?.(dead)?.standing;
    const ofBefore = replayer.kept.get(dead);
    // The dead lives again, and is where it was; what was kept of it is old by then.
    sim.start(0);
    sim.run(seconds(3));
    const probe = sim.probe(4, 0);
    sim.run(seconds(3));
    for (let time = 0; time < 5; time += 1) {
      replayTo(sim, replayer, 4);
      sim.run(seconds(1));
    }
    const known = sim.station(4).node?.route?.(dead)?.announce;
    return [
      ...unless(standing === undefined || standing === "unconfirmed", `who never answered is ${standing}`),
      ...unless(sim.resultOf(4, probe)?.kind === "answered", "who lives again is not reached"),
      ...unless(
        known !== undefined && ofBefore !== undefined && isNewer(known, ofBefore),
        "what is old took the place of what is new",
      ),
      ...unless(routability(sim).share === 1, "not all are routable"),
    ];
  },
  mutants: [
    {
      lacks: "doubt about who never answered",
      patches: [
        {
          file: "routing/route.ts",
          find: 'standing: Standing = "unconfirmed";',
          replace: 'standing: Standing = "confirmed";',
        },
      ],
      finding: /never answered is confirmed/,
    },
    {
      lacks: "an order of announces: whatever is another is taken for newer",
      patches: [
        {
          file: "wire/announce.ts",
          find: "return one.epoch > other.epoch || (one.epoch === other.epoch && one.sequence > other.sequence);",
          replace: "return one.epoch !== other.epoch || one.sequence !== other.sequence;",
        },
      ],
      finding: /took the place/,
    },
  ],
};

export const wrongClocks: Attack = {
  name: "clocks that are ten years off, and are then put right",
  run(nodes, seed) {
    const graph: Graph = smallWorld(40, 6, 0.2, new Random(seed));
    const sim = settled(seed, graph, nodes, (arranged) => {
      for (const station of arranged.stations.slice(0, 8)) station.clockError = tenYears;
    });
    const before = routability(sim).share;
    for (const station of sim.stations.slice(0, 8)) {
      sim.kill(station.index, "told");
      station.clockError = 0;
      sim.start(station.index);
    }
    const after = untilRoutable(sim, 1, seconds(3));
    return [
      ...unless(before === 1, `${before} of the pairs were routable`),
      ...unless(after !== undefined, "who had put his clock right was not reached within three seconds"),
    ];
  },
  mutants: [
    {
      lacks: "an order of its own: announces are ordered by their maker's clock",
      patches: [
        {
          file: "own-advertising.ts",
          find: "const content = { ...this.latest,",
          replace: "const content = { sequence: this.#own.sequence, epoch: 1 + Math.floor(now / 1000),",
        },
      ],
      finding: /put his clock right/,
    },
  ],
};

/** What was announced before the disk was lost is known to all; it takes two announces at most to be believed again. */
export const forgotten: Attack = {
  name: "a node that has lost its disk, and begins to count anew",
  run(nodes, seed) {
    const sim = settled(seed, grid(5, 4), nodes);
    for (let time = 0; time < 5; time += 1) {
      sim.restart(7, "kept");
      sim.run(seconds(2));
    }
    const before = sim.station(7).crypto.signed;
    sim.restart(7, "wiped");
    const took = untilRoutable(sim, 1, seconds(5));
    const { signed } = sim.station(7).crypto;
    sim.run(seconds(2));
    const probe = sim.probe(19, 7);
    sim.run(seconds(3));
    return [
      ...unless(took !== undefined && took <= millis(2000), `recovered after ${took} ms`),
      ...unless(signed - before <= 2, `it took ${signed - before} announces`),
      ...unless(sim.resultOf(19, probe)?.kind === "answered", "it does not answer"),
    ];
  },
  mutants: [
    {
      lacks: "an ear for its own announces",
      patches: [
        {
          file: "own-advertising.ts",
          find: "if (isLater || isOther) this.#own.outrun(now, heard.epoch);",
          replace: "void [isLater, isOther];",
        },
      ],
      finding: /recovered after undefined/,
    },
  ],
};

function replayTo(sim: MeshSim, replayer: Replayer, to: number): void {
  const port = sim.cableOf(3, to)?.portOf(3);
  if (port !== undefined) replayer.replay(port);
}

/** Attacks on who is known to somebody who matters: a table that is filled until a contact is pushed out of it. */
import { millis, seconds } from "@ropewalk/kernel/units";
import { Random } from "@ropewalk/simnet/random";
import { flood, sybils } from "./adversaries/sybils.ts";
import { type Attack, unless } from "./attack.ts";
import { type Graph, smallWorld } from "./graphs.ts";
import { MeshSim } from "./mesh-sim.ts";

const [victim, honest, most] = [0, 12, 40];
/** Behind the attacker, who passes on all that it should, besides. */
const [attacker, contact] = [honest, honest + 1];
const count = 1_500;
/** Slow enough for the link's budget: each is looked at. */
const aSecond = 500;

export const pushedOut: Attack = {
  name: "a contact that is to be pushed out by strangers of the same link",
  run(nodes, seed) {
    const { edges } = smallWorld(honest, 4, 0.2, new Random(seed));
    const graph: Graph = { size: honest + 2, edges: [...edges, [victim, attacker], [attacker, contact]] };
    const sims: MeshSim[] = [];
    const sim = new MeshSim({
      seed,
      graph,
      make: (making) => {
        const contacts = sims.map((one) => one.station(contact).address);
        return nodes({ routes: { most: making.crypto.address === addressOf(sims, victim) ? most : 4096, contacts } })(
          making,
        );
      },
    });
    sims.push(sim);
    for (const { index } of sim.stations) if (index !== contact) sim.time.after(millis(index), () => sim.start(index));
    sim.run(seconds(2));
    const port = sim.cableOf(victim, attacker)?.portOf(attacker);
    if (port === undefined) return ["the attacker is not there"];
    const crowd = sybils(count, new Random(seed)).map(({ frame }) => frame);
    flood(sim.time, port, crowd, aSecond, millis(sim.time.now + 2_500));
    sim.run(seconds(1));
    sim.start(contact);
    sim.run(millis(500));
    const missed: number[] = [];
    for (let look = 0; look < 50; look += 1) {
      sim.run(millis(100));
      if (sim.station(victim).node?.route?.(sim.station(contact).address)?.best === undefined)
        missed.push(sim.time.now);
    }
    const probe = sim.probe(victim, contact);
    sim.run(seconds(5));
    return [
      ...unless(missed.length === 0, `the contact was not known at ${missed} ms`),
      ...unless(sim.resultOf(victim, probe)?.kind === "answered", "the contact was not reached"),
    ];
  },
  mutants: [
    {
      lacks: "places that are kept for contacts",
      patches: [
        {
          file: "routing/routes.ts",
          find: "constructor({ most, contacts }: RoutesConfig, chance: () => number) {",
          replace:
            "constructor({ most }: RoutesConfig, chance: () => number) {\n    const contacts: MeshAddress[] = [];",
        },
      ],
      finding: /was not known/,
    },
  ],
};

function addressOf([sim]: readonly MeshSim[], index: number): string | undefined {
  return sim?.station(index).address;
}

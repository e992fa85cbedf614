/** Floods over one link: ten thousand nodes that are none, and signatures that are none. What comes over other links must not suffer. */
import { bitsPerSecond, millis, seconds } from "@ropewalk/kernel/units";
import { Random } from "@ropewalk/simnet/random";
import { flood, type Sybil, sybils } from "./adversaries/sybils.ts";
import { type Attack, type Scale, unless, untilRoutable } from "./attack.ts";
import { type Graph, smallWorld } from "./graphs.ts";
import type { MeshNodes } from "./mesh-node-maker.ts";
import { MeshSim } from "./mesh-sim.ts";
import { routability } from "./oracle.ts";

interface Size {
  readonly nodes: number;
  readonly sybils: number;
  readonly most: number;
}

const sizes: Readonly<Record<Scale, Size>> = {
  sample: { nodes: 30, sybils: 1_500, most: 200 },
  full: { nodes: 200, sybils: 10_000, most: 4_096 },
};
const victim = 0;
/** A fast link, and as much as it carries: twice as many signatures as a core verifies. */
const rate = bitsPerSecond(25_000_000);
const aSecond = 16_000;
const lasts = seconds(6);

export const sybilFlood: Attack = {
  name: "ten thousand sybils on one of eight links",
  run: (nodes, seed, scale) => flooded(nodes, seed, sizes[scale], crowdOf(sizes[scale].sybils, true)),
  mutants: [
    {
      lacks: "a bound of the table",
      patches: [
        {
          file: "announce-intake.ts",
          find: "const inTheWay = routes.inTheWay(address, link);",
          replace: "const inTheWay = routes.inTheWay(address, link) && undefined;",
        },
      ],
      finding: /a table had/,
    },
    {
      lacks: "an end to strangers of whom a link brings too many",
      patches: [
        { file: "announce-intake.ts", find: "!admission.offer(now)", replace: "!admission.offer(now) && now < 0" },
      ],
      finding: /newcomer was admitted/,
    },
    {
      lacks: "shares of links in the table",
      patches: [
        {
          file: "protection/table-shares.ts",
          find: "const isOverShare = fullest !== undefined && fullest.size >= this.share;",
          replace: "const isOverShare = (fullest?.size ?? 0) < 0;",
        },
      ],
      finding: /honest pairs/,
    },
    {
      lacks: "respect for who was there before",
      patches: [
        {
          file: "protection/table-shares.ts",
          find: "fullest.youngest",
          replace: "fullest.any(this.#chance())",
        },
      ],
      finding: /honest pairs/,
    },
  ],
};

export const garbageFlood: Attack = {
  name: "signatures of nobody, as fast as a link carries them",
  run: (nodes, seed, scale) => flooded(nodes, seed, sizes[scale], crowdOf(sizes[scale].sybils, false)),
  mutants: [
    {
      lacks: "a budget of each link, and a turn of each",
      patches: [
        {
          file: "announce-intake.ts",
          find: "const outcome = this.#waiting.offer(neighbour.link, { key: address, standing, cost: 1, item });",
          replace: "this.#prove(now, item); const outcome = 'proved' as string;",
        },
        {
          file: "protection/link-budget.ts",
          find: "const isAllowed = bucket.take(now, count);",
          replace: "const isAllowed = bucket.take(now, count) || true;",
        },
      ],
      finding: /newcomer/,
    },
  ],
};

/** The attacker and a newcomer are the last two, each on a link of the victim's. */
function flooded(nodes: MeshNodes, seed: number, size: Size, crowd: readonly Sybil[]): readonly string[] {
  const [attacker, newcomer] = [size.nodes, size.nodes + 1];
  const honest = smallWorld(size.nodes, 6, 0.2, new Random(seed));
  const graph: Graph = {
    size: size.nodes + 2,
    edges: [...honest.edges, [victim, attacker], [victim, newcomer]],
  };
  const contact = size.nodes >> 1;
  const sims: MeshSim[] = [];
  const contacts = () => sims.map((one) => one.station(contact).address);
  const sim = new MeshSim({
    seed,
    graph,
    rate,
    make: (making) => nodes({ routes: { most: size.most, contacts: contacts() } })(making),
  });
  sims.push(sim);
  for (const { index } of sim.stations) if (index !== newcomer) sim.time.after(millis(index), () => sim.start(index));
  sim.run(seconds(3));
  const port = sim.cableOf(victim, attacker)?.portOf(attacker);
  if (port === undefined) return ["the attacker is not there"];
  const until = millis(sim.time.now + lasts);
  flood(
    sim.time,
    port,
    crowd.map(({ frame }) => frame),
    aSecond,
    until,
  );
  sim.run(seconds(2));
  const isHonest = (index: number) => index !== attacker;
  const findings = [...during(sim, "as the flood came", isHonest, size)];
  sim.start(newcomer);
  const admitted = untilRoutable(
    sim,
    0.99,
    seconds(4),
    (index) => index === newcomer || index === victim || index === contact,
  );
  findings.push(...unless(admitted !== undefined && admitted <= 2000, `a newcomer was admitted after ${admitted} ms`));
  while (sim.time.now < until) {
    sim.run(seconds(1));
    findings.push(...during(sim, `at ${sim.time.now} ms`, isHonest, size));
  }
  return findings;
}

function during(
  sim: MeshSim,
  when: string,
  counts: (index: number) => boolean,
  { most, nodes }: Size,
): readonly string[] {
  const { share } = routability(sim, counts);
  const largest = Math.max(...sim.stations.map(({ node }) => [...(node?.routes() ?? [])].length));
  const address = sim.station(nodes >> 1).address;
  const without = sim.stations.filter(
    ({ node, index }) => index < nodes && index !== nodes >> 1 && node?.route?.(address) === undefined,
  );
  return [
    ...unless(share >= 0.99, `${when} ${(100 * share).toFixed(1)} % of the honest pairs were routable`),
    ...unless(largest <= most, `${when} a table had ${largest} routes, of ${most}`),
    ...unless(without.length === 0, `${when} ${without.length} had forgotten their contact`),
  ];
}

const crowds = new Map<string, readonly Sybil[]>();

/** Made once: keys and signatures by the thousand take their time. */
function crowdOf(count: number, isSigned: boolean): readonly Sybil[] {
  const name = `${count} ${isSigned}`;
  const made = crowds.get(name) ?? sybils(count, new Random(7), isSigned);
  crowds.set(name, made);
  return made;
}

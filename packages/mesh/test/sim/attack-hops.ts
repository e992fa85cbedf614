/** Attacks on how far somebody is: lowered hops, and hops that are repeated as they were heard. */
import { seconds } from "@ropewalk/kernel/units";
import { EqualHops } from "./adversaries/equal-hops.ts";
import { HopLiar } from "./adversaries/hop-liar.ts";
import { type Attack, settled, unless } from "./attack.ts";
import { grid } from "./graphs.ts";
import { hopLies, routability } from "./oracle.ts";

/** In the middle of a field, where all ways pass it that are short. */
const [width, height] = [7, 5];
const liar = 17;

export const loweredHops: Attack = {
  name: "hops that are lowered",
  run(nodes, seed) {
    const liars: HopLiar[] = [];
    const sim = settled(seed, grid(width, height), nodes, (arranged) => {
      const meddler = new HopLiar(arranged.random.fork("liar"));
      liars.push(meddler);
      arranged.station(liar).meddler = meddler;
    });
    // Again and again, with announces that are new each time.
    while ((liars[0]?.forged ?? 0) < 10_000 && sim.time.now < seconds(60)) {
      for (const { index } of sim.stations) if (index !== liar && sim.random.isLucky(0.3)) sim.restart(index, "kept");
      sim.run(seconds(2));
    }
    const forged = liars[0]?.forged ?? 0;
    const lies = hopLies(sim, (index) => index === liar, 0);
    const { share, loops } = routability(sim, (index) => index !== liar);
    return [
      ...unless(forged >= 10_000, `only ${forged} forgeries`),
      ...unless(lies.length === 0, `believed: ${lies.length} lies, such as ${lies[0]}`),
      ...unless(share === 1 && loops === 0, `${share} of the others are routable, ${loops} loops`),
    ];
  },
  mutants: [
    {
      lacks: "the proof of copies by the hop chain",
      patches: [
        {
          file: "wire/announce-proof.ts",
          find: "return isOnChain(proved, nearer.chain, further.chain, Math.abs(steps));",
          replace: "return isOnChain(proved, nearer.chain, further.chain, Math.abs(steps)) || true;",
        },
      ],
      finding: /believed/,
    },
    {
      lacks: "the anchor in what is signed",
      patches: [
        {
          file: "wire/announce-proof.ts",
          find: "joined(heard.signedPart, anchor(heard))",
          replace: "joined(heard.signedPart, new Uint8Array(0 * anchor(heard).length))",
        },
        {
          file: "wire/announce-proof.ts",
          find: "crypto.sign(joined(encodeSignedPart(content, key), anchor(origin)))",
          replace: "crypto.sign(encodeSignedPart(content, key))",
        },
        {
          file: "wire/announce-proof.ts",
          find: "return isOnChain(",
          replace: "return true || isOnChain(",
        },
      ],
      finding: /believed/,
    },
  ],
};

export const repeatedHops: Attack = {
  name: "hops that are repeated as they were heard, which gain one and no more",
  run(nodes, seed) {
    const sim = settled(seed, grid(width, height), nodes, (arranged) => {
      arranged.station(liar).meddler = new EqualHops();
    });
    const lies = hopLies(sim, (index) => index === liar, 1);
    const { share, loops } = routability(sim);
    return [
      ...unless(lies.length === 0, `believed: ${lies.length} lies, such as ${lies[0]}`),
      ...unless(share === 1 && loops === 0, `${share} are routable, ${loops} loops`),
    ];
  },
  mutants: [],
};

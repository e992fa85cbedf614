/** How long `ropewalk cert` takes for what two ends need, and how long a thread stands still while keys are made and used. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createMcElieceWorkers } from "@ropewalk/crypto/mceliece/workers";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { atMost, percentile } from "../race.ts";
import { Ends } from "./ends.ts";
import { makeIdentities } from "./identities.ts";
import type { Part } from "./part.ts";

export const keys: Part = async ({ folder, rounds, tunnel }) => {
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    took.push((await makeIdentities(folder, { algorithm: "ml-dsa-65", hasKemKeys: false })).took);
  }
  const again = await makeIdentities(folder, { algorithm: "ml-dsa-65", hasKemKeys: true });
  return {
    rows: [
      atMost("a CA, a server and a client by ropewalk cert, ML-DSA-65", "ms", percentile(took, 0.5), 1_000),
      atMost("the same with two McEliece keys", "ms", Math.max(tunnel.took, again.took), 10_000),
    ],
    notes: [],
  };
};

/** Both ends' sockets are this thread's, and the keys are made from it. */
export const stall: Part = async ({ folder, tunnel }) => {
  await using ends = await Ends.open(tunnel, "hybrid", folder);
  await using workers = createMcElieceWorkers({ count: 1 }, { clock: createSystemClock() });
  const keyed = await worstStall(async () => {
    for (let index = 0; index < 3; index += 1) (await workers.generate())[Symbol.dispose]();
  });
  const shaken = await worstStall(async () => {
    for (let index = 0; index < 40; index += 1) await ends.shake();
  });
  return {
    rows: [
      atMost("longest stall of the event loop while McEliece keys are made", "ms", keyed, 10),
      atMost("longest stall of the event loop, both ends' sockets, hybrid handshakes", "ms", shaken, 10),
    ],
    notes: [],
  };
};

async function worstStall(work: () => Promise<void>): Promise<number> {
  const resolution = 1;
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  await work();
  histogram.disable();
  return Math.max(0, histogram.max / 1e6 - resolution);
}

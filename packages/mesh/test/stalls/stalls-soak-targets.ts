/** How long a whole node leaves its event loop to nothing else, while a neighbour does all that he can to keep it busy. */
import { setTimeout as pause } from "node:timers/promises";
import { Random } from "@ropewalk/simnet/random";
import type { SoakTarget } from "../soak-target.ts";
import { BesiegedService } from "./besieged-service.ts";
import { besiege } from "./besieger.ts";
import { type SiegeKind, siegeKinds } from "./sieges.ts";

const mostMs = 20;
const ms = (time: number) => `${time.toFixed(1)} ms`;

/** For so many seconds, on a node of its own; and what was wrong. */
async function besieged(kind: SiegeKind, seconds: number, seed: number, report: (line: string) => void) {
  await using service = await BesiegedService.start();
  const frames = kind.frames(new Random(seed), service.key);
  // What it took to start is not the neighbour's.
  await service.turns();
  const ending = AbortSignal.timeout(seconds * 1000);
  const sieging = besiege({ place: service.place, frames, staysMs: kind.staysMs, signal: ending });
  await pause(seconds * 900);
  const { clock, processor, longOnes, routes, framesIn } = await service.turns();
  const ends = await sieging;
  const figures = `${ms(processor)} of the processor, ${ms(clock)} by the clock, ${longOnes} above 10 ms`;
  report(
    `${kind.name}: ${figures}; ${routes} routes, ${ends} links before; ${framesIn.toLocaleString("en")} frames of the last`,
  );
  return processor > mostMs ? [`${kind.name}: a turn took ${ms(processor)}`] : [];
}

export const soakTargets: readonly SoakTarget[] = [
  {
    name: "mesh turns of the event loop",
    inputs: 10,
    unit: "seconds of each siege",
    async run(inputs, seed, report) {
      const faults: string[] = [];
      for (const kind of siegeKinds) faults.push(...(await besieged(kind, inputs, seed, report)));
      return faults;
    },
  },
];

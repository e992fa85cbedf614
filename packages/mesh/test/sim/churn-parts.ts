/** The ways to have a mesh in churn simulated: whole, or each of its towns for itself, taking turns or in threads. */
import { type ChurnLook, ChurnPart } from "./churn-part.ts";
import { type ChurnOptions, leastLongDelay } from "./churn-script.ts";
import type { MeshPart } from "./parts/mesh-part.ts";
import { PartWorkers } from "./parts/part-workers.ts";
import { inTurns, type Part, type PartOrder, type Parts, whole } from "./parts/parts.ts";

/** What a part is asked: to be looked at; what is held is counted when it is asked for. */
export interface ChurnOrder extends PartOrder {
  readonly isCounted: boolean;
}

export type ChurnParts = Parts<ChurnOrder, ChurnLook>;

export function churnPart(options: ChurnOptions, here?: MeshPart): Part<ChurnOrder, ChurnLook> {
  const part = new ChurnPart(options, here);
  return { sim: part.sim, leastDelay: leastLongDelay, answer: ({ isCounted }) => part.look(isCounted) };
}

export function wholeChurn(options: ChurnOptions): ChurnParts {
  return whole(churnPart(options));
}

export function churnInTurns(options: ChurnOptions): ChurnParts {
  return inTurns(options.towns, (crossing) => churnPart(options, crossing));
}

export function churnInThreads(options: ChurnOptions): ChurnParts {
  const program = new URL("./churn-part-main.ts", import.meta.url);
  return new PartWorkers(program, options.towns, options, { kept: 4_096, young: 192 });
}

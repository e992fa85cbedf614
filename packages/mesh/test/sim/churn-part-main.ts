/** A part of a mesh in churn, in a thread of its own. */
import { ChurnPart } from "./churn-part.ts";
import type { ChurnOrder } from "./churn-parts.ts";
import { type ChurnOptions, leastLongDelay } from "./churn-script.ts";
import { servePart } from "./parts/part-thread.ts";

servePart((options: ChurnOptions, crossing) => {
  const part = new ChurnPart(options, crossing);
  return { sim: part.sim, leastDelay: leastLongDelay, answer: ({ isCounted }: ChurnOrder) => part.look(isCounted) };
});

/** What the wheel says of itself, and to who gives it an order. */
import type { Standing } from "../pure/steering/standing.ts";

export interface SteeringStatus {
  readonly standing: Standing;
  /** Wall time of `confirmBy` in milliseconds; null when nothing waits for a confirmation. */
  readonly confirmBy: number | null;
  /** What is wanted of the kernel and is not so. */
  readonly unmet: readonly string[];
}

export type SteeringOutcome = { readonly kind: "done" } | { readonly kind: "refused"; readonly reason: string };

/** How messages have the store do something, and hear of it: by parameter, so that what decides knows nothing of batches and threads. */
import type { Millis } from "@ropewalk/kernel/units";
import type { StoreOperation, StoreOutcome, StoreRefusal } from "./store-operations.ts";

/** `durable`: it is on the disk, and stays. `refused`: nothing of it was done. */
export type StoreCallEnd = "durable" | "refused";

/** What came of one operation: what the store has done, or why it did nothing. */
export type StoreResult = StoreOutcome | { readonly kind: "refused"; readonly reason: StoreRefusal };

/** `then` is told once, in the order of the calls, and never within the call. */
export type StoreCall = (
  operation: StoreOperation,
  then?: (now: Millis, end: StoreCallEnd, result?: StoreResult) => void,
) => void;

/** What came of a change that somebody asked for. */
export type ChangeOutcome =
  /** It is on the disk. */
  | { readonly kind: "done" }
  /** There is nothing that it speaks of, or not any more. */
  | { readonly kind: "absent" }
  /** All is as it was. */
  | { readonly kind: "refused"; readonly reason: StoreRefusal };

export function changeOutcome(end: StoreCallEnd, result: StoreResult | undefined): ChangeOutcome {
  if (end === "durable") return { kind: result?.kind === "absent" ? "absent" : "done" };
  return { kind: "refused", reason: result?.kind === "refused" ? result.reason : "failed" };
}

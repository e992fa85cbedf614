/** How messages have the store do something, and hear of it: by parameter, so that what decides knows nothing of batches and threads. */
import type { Millis } from "@ropewalk/kernel/units";
import type { StoreOperation, StoreOutcome } from "./store-operations.ts";

/** `durable`: it is on the disk, and stays. `refused`: nothing of it was done. */
export type StoreCallEnd = "durable" | "refused";

/** `then` is told once, in the order of the calls, and never within the call; with what came of it where it is durable. */
export type StoreCall = (
  operation: StoreOperation,
  then?: (now: Millis, end: StoreCallEnd, outcome?: StoreOutcome) => void,
) => void;

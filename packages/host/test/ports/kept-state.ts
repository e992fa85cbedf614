/** Waiting for conditions about kept sockets, each with a deadline. */
import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import type { Connectivity, PathBinding } from "@ropewalk/kernel/connectivity";
import type { Watched } from "@ropewalk/kernel/latest";

const limit = 30_000;

export function connectivityOf(usable: readonly PathBinding[]): Connectivity {
  return { generation: 1, ipv4: "unknown", ipv6: "unknown", active: {}, usable };
}

/** The first state for which `isWanted` holds; rejects after thirty seconds. */
export async function keptState<Kept>(
  kept: Watched<Kept | undefined>,
  isWanted: (now: Kept | undefined) => boolean,
): Promise<Kept | undefined> {
  for await (const now of kept.watch(AbortSignal.timeout(limit))) if (isWanted(now)) return now;
  throw assert.fail("the kept socket did not come to that state within 30 s");
}

/** Passes once `condition` holds and goes on to hold for the next ten turns of the event loop. */
export async function holds(condition: () => boolean, message?: string): Promise<void> {
  const deadline = performance.now() + limit;
  while (!condition() && performance.now() < deadline) await turn();
  for (let count = 0; count < 10; count += 1) {
    assert.ok(condition(), message ?? condition.toString());
    await turn();
  }
}

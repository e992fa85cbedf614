/** A tunnel that carries something: it was started, and an echo has come back through it. */
import { setTimeout as delay } from "node:timers/promises";
import type { RunningTunnel, TunnelEntrant, TunnelPlan } from "./entrant.ts";
import { ping } from "./load.ts";

/** The first contact of two ends may fetch keys of half a megabyte over a slow line. */
const limitMs = 60_000;
const restMs = 100;

/** The far end must be there. Throws with its own words when it ends, or answers nothing in time. */
export async function startReady<T extends RunningTunnel>(entrant: TunnelEntrant<T>, plan: TunnelPlan): Promise<T> {
  await using stack = new AsyncDisposableStack();
  const tunnel = stack.use(await entrant.start(plan));
  const limit = performance.now() + limitMs;
  for (;;) {
    const failure = tunnel.failure();
    if (failure !== undefined) throw new Error(failure);
    if (performance.now() > limit) throw new Error(`${entrant.column} carried nothing within ${limitMs} ms`);
    const { micros } = await ping(plan.ground.source, tunnel.way("echo"), { count: 1 });
    if (micros.length === 1) break;
    await delay(restMs);
  }
  stack.move();
  return tunnel;
}

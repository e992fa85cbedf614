/** One end is stopped by SIGSTOP under load, as by a machine that is put to sleep, and goes on after a while. */
import { setTimeout as delay } from "node:timers/promises";
import { monotonic } from "./fault.ts";
import { LoadProcesses } from "./load-processes.ts";
import { TunnelPair } from "./tunnel-pair.ts";

export interface StandStillWanted {
  readonly seed: number;
  readonly still: "source" | "destination";
  readonly seconds: number;
}

export async function standStill({
  seed,
  still,
  seconds,
}: StandStillWanted): Promise<{ readonly faults: readonly string[]; readonly wentOnAfterMs: number }> {
  await using load = await LoadProcesses.start(seed);
  await using pair = await TunnelPair.start({ targets: { load: load.port } });
  await load.pulse(pair.port("load"));
  load.begin({ port: pair.port("load"), streams: 30 });
  await load.beat(monotonic() + 300, 0);
  pair[still].signal("SIGSTOP");
  await delay(seconds * 1000);
  const woken = monotonic();
  pair[still].signal("SIGCONT");
  const wentOnAfterMs = (await load.beat(woken, woken)) - woken;
  const { faults } = await load.finish(60_000);
  return { faults: faults.length > 0 ? [...faults, pair.logs] : [], wentOnAfterMs };
}

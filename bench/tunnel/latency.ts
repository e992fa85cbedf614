/** How long 64 octets take there and back on an open stream, alone and beside a bulk stream, and on a stream that is opened for them. */
import { setTimeout as delay } from "node:timers/promises";
import { percentile } from "../race.ts";
import { Field, type Racer } from "./field.ts";
import type { Ground } from "./ground.ts";
import { runIperf } from "./iperf.ts";
import { ping } from "./load.ts";
import type { Part, Scene } from "./part.ts";
import type { Figure, Goal } from "./round-table.ts";

const perRound = { quiet: 5_000, connecting: 400 } as const;
const warm = { quiet: 1_000, connecting: 50 } as const;
/** Beside a bulk stream, of all rounds together. */
const leastBusy = 10_000;
const everyMicros = 1_000;
/** Of the bulk stream, before it is measured beside. */
const rampMs = 700;

const byShare = (limit: number): readonly Goal[] => [{ kind: "ratio", to: "ssh -L", limit }];
const micros = (metric: string, goals: readonly Goal[] = []): Figure => ({ metric, unit: "µs", better: "less", goals });

const quiet = {
  middle: micros("64 octets there and back on an open stream, p50", byShare(1.25)),
  tail: micros("64 octets there and back on an open stream, p99", byShare(2)),
};
const busy = {
  middle: micros("the same beside one bulk stream, p50"),
  tail: micros("the same beside one bulk stream, p99 of all", [{ kind: "figure", limit: 1_000 }]),
  worst: micros("the same beside one bulk stream, worst of all"),
};
const bulk: Figure = { metric: "the bulk stream meanwhile", unit: "Gbit/s", better: "more", goals: [] };
const connecting = {
  middle: micros("a stream is opened and 64 octets are back, p50", byShare(1.75)),
  tail: micros("a stream is opened and 64 octets are back, p99"),
};

export const latency: Part = async (scene) => {
  await using field = await Field.open(scene);
  await field.race((racer, round) => quietly(scene, field.ground, racer, round));
  await field.race((racer, round) => connectingEach(scene, field.ground, racer, round));
  await besideBulk(scene, field);
};

async function quietly({ table }: Scene, { source }: Ground, { column, tunnel }: Racer, round: number) {
  const { micros: taken } = whole(await ping(source, tunnel.way("echo"), { count: perRound.quiet, warm: warm.quiet }));
  table.record(quiet.middle, column, round, percentile(taken, 0.5));
  table.record(quiet.tail, column, round, percentile(taken, 0.99));
}

async function connectingEach({ table }: Scene, { source }: Ground, { column, tunnel }: Racer, round: number) {
  const plan = { count: perRound.connecting, warm: warm.connecting, isConnecting: true };
  const { micros: taken } = whole(await ping(source, tunnel.way("echo"), plan));
  table.record(connecting.middle, column, round, percentile(taken, 0.5));
  table.record(connecting.tail, column, round, percentile(taken, 0.99));
}

async function besideBulk(scene: Scene, field: Field): Promise<void> {
  const { table, rounds } = scene;
  const all = new Map<string, number[]>();
  const count = Math.max(scene.seconds * 1_000, Math.ceil(leastBusy / rounds));
  const seconds = Math.ceil((count * everyMicros) / 1e6 + rampMs / 1_000 + 0.5);
  await field.race(async ({ column, tunnel }, round) => {
    const running = runIperf(field.ground, tunnel, { seconds, options: ["-P", "1"] });
    const probing = delay(rampMs).then(() =>
      ping(field.ground.source, tunnel.way("echo"), { count, every: everyMicros }),
    );
    const [carried, pinged] = await Promise.all([running, probing]);
    const { micros: taken } = whole(pinged);
    all.set(column, [...(all.get(column) ?? []), ...taken]);
    table.record(busy.middle, column, round, percentile(taken, 0.5));
    table.record(bulk, column, round, carried.bitsPerSecond / 1e9);
  });
  for (const [column, taken] of all) {
    table.record(busy.tail, column, 0, percentile(taken, 0.99));
    table.record(busy.worst, column, 0, percentile(taken, 1));
  }
  table.note(
    `Beside a bulk stream (iperf3, one stream, as fast as it goes) a message is sent each ${everyMicros / 1_000} ms, whether or not the last one was answered, and its time begins when it was due: ${count} of each in a round.`,
  );
}

function whole<T extends { readonly failed: number; readonly isBroken: boolean; readonly micros: readonly number[] }>(
  pinged: T,
): T {
  const { failed, isBroken, micros: taken } = pinged;
  if (failed > 0 || isBroken || taken.length === 0)
    throw new Error(`${failed} messages got no answer${isBroken ? ", and the connection broke" : ""}`);
  return pinged;
}

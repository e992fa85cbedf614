/** One node of a chain, a whole service in a process of its own: it ends with whoever started it. */
import { join } from "node:path";
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { meshConfig } from "@ropewalk/mesh/config";
import { SequenceFile } from "@ropewalk/mesh/io/sequence-file";
import { MeshService } from "@ropewalk/mesh/service";
import type { ChainOrder, ChainTask, ChainWord } from "./chain-task.ts";

const lookEveryMs = 1;

process.on("disconnect", () => process.exit());
process.once("message", (task: ChainTask) => void run(task));

async function run({ folder, before, place, size }: ChainTask): Promise<void> {
  const clock = createSystemClock();
  const peer = before === undefined ? [] : [{ at: before }];
  const config = meshConfig({ transport: { listen: ["127.0.0.1:0"] }, discovery: { enabled: false }, peer });
  const service = await MeshService.start(config, {
    ...{ key: generateSigningKey("ed25519"), clock, chance: Math.random },
    sequences: SequenceFile.open(join(folder, "sequences"), clock.wall()),
    onEvent: ({ kind }) => {
      if (kind === "link-up") say({ kind: "linked", time: time() });
    },
  });
  process.on("message", (order: ChainOrder) => {
    if (order === "ask") void ask(service);
    else look(service, distancesFrom(place, size));
  });
  const [listening] = service.listening;
  say({ kind: "listening", at: `127.0.0.1:${listening?.port}` });
}

function look(service: MeshService, distances: readonly number[]): void {
  const looking = setInterval(() => {
    // The nearest come first.
    const known = service.routes().flatMap(({ distance }) => distance ?? []);
    if (known.length !== distances.length || known.some((distance, index) => distance !== distances[index])) return;
    say({ kind: "whole", time: time() });
    clearInterval(looking);
  }, lookEveryMs);
}

async function ask(service: MeshService): Promise<void> {
  const farthest = service.routes().at(-1);
  const outcome = farthest === undefined ? undefined : await service.ping(farthest.address);
  say({ kind: "asked", roundTrip: outcome?.kind === "answered" ? outcome.roundTrip : undefined });
}

function distancesFrom(place: number, size: number): readonly number[] {
  const distances = Array.from({ length: size }, (_, other) => Math.abs(other - place));
  return distances.filter((distance) => distance > 0).toSorted((one, other) => one - other);
}

function say(word: ChainWord): void {
  process.send?.(word);
}

function time(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

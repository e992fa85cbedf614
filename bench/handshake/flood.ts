/** Honest handshakes while one network sends 1,000 ClientHellos a second, beside the same without: a round has some of both. */
import { join } from "node:path";
import type { Mode } from "@ropewalk/tunnel/pure/handshake/message";
import { atMost, percentile, type RaceRow, told } from "../race.ts";
import { AnsweringEnd } from "./answering-end.ts";
import { catchClientHello } from "./client-hello.ts";
import { HonestSource } from "./honest-source.ts";
import type { Part, Scene } from "./part.ts";
import { rotated } from "./rotation.ts";
import { Strangers } from "./strangers.ts";

const perSecond = 1_000;
/** Honest handshakes of each kind in a round. */
const perRound = 100;
const warmUp = 100;

export const flood: Part = async (scene) => {
  const rows: RaceRow[] = [];
  const notes = [
    `Flood: ${perRound} honest handshakes idle and ${perRound} under the flood in each round, at most 16 a second from 127.0.0.1, after ${warmUp} that do not count; the flood is a process of its own that sends real ClientHellos from 127.9.9.0/24.`,
    "Source, flood and destination share this machine's processors; ours is told by the source, until it has finished.",
  ];
  for (const mode of ["mlkem768", "hybrid"] as const) {
    const { idle, flooded, rate, spoken, refused, failures } = await measure(scene, mode);
    const shed = ["rate-limited", "shed", "deadline"].reduce((sum, reason) => sum + (refused.get(reason) ?? 0), 0);
    rows.push(
      ...rowsOf(mode, idle, flooded),
      told(`ClientHellos a second that were sent, ${mode}`, "1/s", rate),
      told(`of them shed by the destination, ${mode}`, "%", (shed / spoken) * 100),
    );
    const reasons = [...refused].map(([reason, number]) => `${reason} ${number}`);
    notes.push(
      `Of ${spoken} ClientHellos, ${mode}: ${reasons.join(", ")}; whoever was still there at the end was cut off.`,
    );
    for (const failure of failures) notes.push(`Under the flood, ${mode}, one failed: ${failure}`);
    if (rate < perSecond * 0.95) notes.push(`The flood was to be ${perSecond} a second, and the machine sent fewer.`);
  }
  return { rows, notes };
};

function rowsOf(mode: Mode, idle: readonly number[], flooded: readonly number[]): readonly RaceRow[] {
  const failed = flooded.filter((took) => !Number.isFinite(took)).length;
  return [
    told(`honest handshake, ${mode}, idle: p50`, "ms", percentile(idle, 0.5)),
    told(`honest handshake, ${mode}, idle: p99`, "ms", percentile(idle, 0.99)),
    told(`honest handshake, ${mode}, under the flood: p50`, "ms", percentile(flooded, 0.5)),
    told(`honest handshake, ${mode}, under the flood: p99`, "ms", percentile(flooded, 0.99)),
    atMost(`the flood's p99 by the idle p99, ${mode}`, "×", percentile(flooded, 0.99) / percentile(idle, 0.99), 5),
    told(`of ${flooded.length} honest handshakes under the flood, ${mode}: failed`, "", failed),
  ];
}

interface Measured {
  readonly idle: readonly number[];
  readonly flooded: readonly number[];
  /** ClientHellos a second while honest handshakes were measured: the median of the rounds. */
  readonly rate: number;
  /** ClientHellos in all. */
  readonly spoken: number;
  /** Connections in all, by reason. */
  readonly refused: ReadonlyMap<string, number>;
  /** Of honest handshakes, in words. */
  readonly failures: ReadonlySet<string>;
}

async function measure({ folder, tunnel, rounds }: Scene, mode: Mode): Promise<Measured> {
  const end = (name: "source" | "destination") => ({ files: tunnel[name], mode, state: join(folder, mode, name) });
  await using answering = await AnsweringEnd.start(end("destination"));
  await using honest = await HonestSource.open(end("source"));
  const hello = await catchClientHello(honest.thread);
  const idle: number[] = [];
  const flooded: number[] = [];
  const rates: number[] = [];
  let spoken = 0;
  const underFlood = async () => {
    await using strangers = new Strangers({ plan: { kind: "flood", perSecond }, port: answering.port, hello });
    // What the destination lets a network come at once is used up by then.
    const began = await strangers.until("the flood has begun", (count) => count.spoken >= perSecond);
    flooded.push(...(await honest.shakes(answering.port, perRound)));
    const ended = await strangers.count();
    rates.push((ended.spoken - began.spoken) / (ended.at - began.at));
    spoken += ended.spoken;
  };
  const whileIdle = async () => void idle.push(...(await honest.undisturbed(answering.port, perRound)));
  await honest.undisturbed(answering.port, warmUp);
  for (let round = 0; round < rounds; round += 1) {
    for (const measured of rotated([whileIdle, underFlood], round)) {
      await measured();
      await answering.isQuiet();
    }
  }
  const { refused } = answering;
  return { idle, flooded, rate: percentile(rates, 0.5), spoken, refused, failures: honest.failures };
}

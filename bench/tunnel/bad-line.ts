/** A line of the lab with a long round trip, little room and loss: what a bulk stream gets of it, and what waits beside it. */
import { bitsPerSecond, millis } from "@ropewalk/kernel/units";
import { LabError } from "@ropewalk/lab/errors";
import { createLab } from "@ropewalk/lab/lab";
import { servers } from "@ropewalk/lab/topology";
import { percentile } from "../race.ts";
import { bareColumn } from "./entrant.ts";
import { Field } from "./field.ts";
import { runIperf } from "./iperf.ts";
import { ping, startPing } from "./load.ts";
import type { Part, Scene } from "./part.ts";
import type { Figure } from "./round-table.ts";

const uplink = "wan0";
const oneWay = millis(30);
const shape = { rate: bitsPerSecond(10_000_000), queue: millis(50) };
const lossPercent = 1;
/** Loss makes one run unlike another: shorter ones say nothing. */
const leastSeconds = 15;
/** By then the windows are open, and what they let in has come once. */
const steadyFrom = 5;
const everyMicros = 20_000;
const roundTripMs = oneWay * 2;
const quietSeconds = 8;
const line = `${roundTripMs} ms, ${shape.rate / 1e6} Mbit/s`;

const directions = [
  { name: "to the destination", options: [] },
  { name: "to the source", options: ["-R"] },
] as const;
const losses = [lossPercent, 0] as const;

/** Beside each bulk run a message is sent each 20 ms: both are of the same run. */
export const badLine: Part = async (scene) => {
  try {
    await using stack = new AsyncDisposableStack();
    const lab = stack.use(await createLab({ uplinks: 1 }));
    const address = servers.find(({ name }) => name === "target-1")?.subnets[0]?.member;
    if (address === undefined) throw new Error("the lab has no target");
    const ground = { source: lab.host("edge"), destination: lab.host("target-1"), address };
    await lab.delay(uplink, oneWay);
    await using field = await Field.on(ground, scene, scene.entrants, stack.move());
    await lab.shape(uplink, shape.rate, shape.queue);
    for (const percent of losses) {
      await lab.lose(uplink, percent);
      await quiet(scene, field, percent);
      for (const direction of directions) await cross(scene, field, percent, direction);
    }
    const control = (await ground.source.exec("cat", ["/proc/sys/net/ipv4/tcp_congestion_control"])).stdout.trim();
    scene.table.note(
      `The line, with TCP's congestion control ${control}: ${roundTripMs} ms there and back, ${shape.rate / 1e6} Mbit/s and ${shape.queue} ms of queue in each direction, ${lossPercent} % of the packets lost in each direction where it says so; ${secondsOf(scene)} s a run, carried is what the receiver got a second from the ${steadyFrom}th on; times of all rounds together, each from when the message was due.`,
    );
  } catch (error) {
    if (!(error instanceof LabError) || error.code !== "LAB_UNSUPPORTED") throw error;
    scene.table.note(`The bad line was not run: ${error.message}`);
  }
};

/** What of all that waiting is the line's own. */
async function quiet(scene: Scene, field: Field, percent: number): Promise<void> {
  const where = `${line}, ${percent} % lost, nothing else`;
  process.stderr.write(`  ${where}\n`);
  const all = new Map<string, number[]>();
  await field.race(async ({ column, tunnel }) => {
    const plan = { count: (quietSeconds * 1e6) / everyMicros, every: everyMicros };
    const { micros } = await ping(field.ground.source, tunnel.way("echo"), plan);
    append(all, column, micros);
  });
  for (const [column, taken] of all) {
    const figure: Figure = { metric: `${where}: 64 octets, p99`, unit: "ms", better: "less", goals: [] };
    scene.table.record(figure, column, 0, percentile(taken, 0.99));
  }
}

/** In milliseconds. */
function append(all: Map<string, number[]>, column: string, micros: readonly number[]): void {
  all.set(column, [...(all.get(column) ?? []), ...micros.map((taken) => taken / 1_000)]);
}

const secondsOf = ({ seconds }: Scene) => Math.max(seconds, leastSeconds);

async function cross(scene: Scene, field: Field, percent: number, { name, options }: (typeof directions)[number]) {
  const where = `${line}, ${percent} % lost, bulk ${name}`;
  process.stderr.write(`  ${where}\n`);
  const rate = rateOf(where);
  const all = new Map<string, number[]>();
  await field.race(async ({ column, tunnel }, round) => {
    const { source } = field.ground;
    await using pinging = await startPing(source, tunnel.way("echo"), { count: 1_000_000, every: everyMicros });
    const carried = await runIperf(field.ground, tunnel, { seconds: secondsOf(scene), options, steadyFrom });
    const { micros } = await pinging.stop();
    scene.table.record(rate, column, round, carried.steadyBitsPerSecond / 1e6);
    append(all, column, micros);
  });
  for (const [column, taken] of all) {
    for (const share of [0.5, 0.99] as const)
      scene.table.record(waitOf(where, share), column, 0, percentile(taken, share));
  }
}

function rateOf(where: string): Figure {
  const goals = [{ kind: "ratio", to: bareColumn, limit: 0.9 }] as const;
  return { metric: `${where}: carried`, unit: "Mbit/s", better: "more", goals };
}

function waitOf(where: string, share: 0.5 | 0.99): Figure {
  const goals = share === 0.5 ? [] : [{ kind: "figure", limit: roundTripMs + 30 } as const];
  return { metric: `${where}: 64 octets beside it, p${share * 100}`, unit: "ms", better: "less", goals };
}

/**
 * What a handshake takes: ours in both modes until both ends have finished, beside what others take to set up a connection; keys
 * and certificates; how long the thread that owns the sockets stands still meanwhile.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createMcElieceWorkers } from "@ropewalk/crypto/mceliece/workers";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { Ends } from "./handshake/ends.ts";
import { type Made, makeIdentities } from "./handshake/identities.ts";
import { type Entrant, nodeTls, openssl, stunnel } from "./handshake/peers.ts";
import { atMost, describeMachine, percentile, type RaceOptions, type RaceReport, type RaceRow, told } from "./race.ts";

/** Connections of one entrant in one round. */
const perRound = 40;

export async function race(options: RaceOptions): Promise<RaceReport> {
  const rounds = Number(options["rounds"] ?? 5);
  const folder = await mkdtemp(join(tmpdir(), "ropewalk-bench-"));
  try {
    const tunnel = await makeIdentities(folder, { algorithm: "ml-dsa-65", hasKemKeys: true });
    const making = await certificateRows(folder, rounds, tunnel.took);
    const classic = await makeIdentities(folder, { algorithm: "p-256", hasKemKeys: false });
    const { rows, notes } = await setUpRows(folder, tunnel, classic, rounds);
    return {
      ...{
        race: "handshake",
        machine: describeMachine(),
        rows: [...rows, ...making, ...(await stallRows(folder, tunnel))],
      },
      ...{ rounds: `${rounds} rounds of ${perRound} connections, entrants in turn; medians of medians`, notes },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function certificateRows(folder: string, rounds: number, withKemKeys: number): Promise<readonly RaceRow[]> {
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    took.push((await makeIdentities(folder, { algorithm: "ml-dsa-65", hasKemKeys: false })).took);
  }
  // The last ones have none, and what is measured next needs them.
  const again = await makeIdentities(folder, { algorithm: "ml-dsa-65", hasKemKeys: true });
  return [
    atMost("a CA, a server and a client by ropewalk cert, ML-DSA-65", "ms", percentile(took, 0.5), 1_000),
    atMost("the same with two McEliece keys", "ms", Math.max(withKemKeys, again.took), 10_000),
  ];
}

type Taken = Map<string, number[][]>;

async function setUpRows(folder: string, tunnel: Made, classic: Made, rounds: number) {
  await using stack = new AsyncDisposableStack();
  const entrants = new Map<string, Entrant>();
  const enter = (name: string, entrant: Entrant) => entrants.set(name, stack.use(entrant));
  for (const mode of ["mlkem768", "hybrid"] as const) enter(mode, entrantOf(await Ends.open(tunnel, mode, folder)));
  enter("Node tls", await nodeTls(tunnel));
  enter("openssl", await openssl(classic));
  const raced = await stunnel(classic, folder);
  if (typeof raced !== "string") enter("stunnel", raced);
  const taken: Taken = new Map();
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, entrant] of entrants) {
      const shakes = await entrant.shakes(round < 0 ? 5 : perRound);
      if (round >= 0) taken.set(name, [...(taken.get(name) ?? []), [...shakes]]);
    }
  }
  const median = (name: string) =>
    percentile(
      (taken.get(name) ?? []).map((round) => percentile(round, 0.5)),
      0.5,
    );
  const tail = (name: string) => percentile((taken.get(name) ?? []).flat(), 0.99);
  const peers = {
    ...{ "Node tls, same algorithms": median("Node tls"), "openssl, X25519 P-256": median("openssl") },
    "stunnel, X25519 P-256": typeof raced === "string" ? ("not run" as const) : median("stunnel"),
  };
  return {
    rows: [
      { ...atMost("mutual handshake to both Finished, mlkem768, median", "ms", median("mlkem768"), 6), peers },
      told("mutual handshake to both Finished, mlkem768, p99", "ms", tail("mlkem768")),
      { ...atMost("mutual handshake to both Finished, hybrid, keys held, median", "ms", median("hybrid"), 60), peers },
      told("mutual handshake to both Finished, hybrid, keys held, p99", "ms", tail("hybrid")),
    ],
    notes: [
      "Ours begins before the TCP connection and ends when both ends have a session; both run in one process, with a thread each.",
      "Node tls: until the first octet of the server; openssl: s_time against s_server, their mean; stunnel: through client and server of it, until an octet has come back.",
      "openssl and stunnel are Debian's, which know no ML-KEM and no ML-DSA: less is computed.",
      ...(typeof raced === "string" ? [`stunnel was not run: ${raced}`] : []),
    ],
  };
}

function entrantOf(ends: Ends): Entrant {
  const shakes = async (count: number) => {
    const took: number[] = [];
    for (let index = 0; index < count; index += 1) took.push(await ends.shake());
    return took;
  };
  return { shakes, [Symbol.asyncDispose]: () => ends[Symbol.asyncDispose]() };
}

/** Both ends' sockets are this thread's, and the keys are made from it. */
async function stallRows(folder: string, made: Made): Promise<readonly RaceRow[]> {
  await using ends = await Ends.open(made, "hybrid", folder);
  await using workers = createMcElieceWorkers({ count: 1 }, { clock: createSystemClock() });
  const keyed = await worstStall(async () => {
    for (let index = 0; index < 3; index += 1) (await workers.generate())[Symbol.dispose]();
  });
  const shaken = await worstStall(async () => {
    for (let index = 0; index < 40; index += 1) await ends.shake();
  });
  return [
    atMost("longest stall of the event loop while McEliece keys are made", "ms", keyed, 10),
    atMost("longest stall of the event loop, both ends' sockets, hybrid handshakes", "ms", shaken, 10),
  ];
}

async function worstStall(work: () => Promise<void>): Promise<number> {
  const resolution = 1;
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  await work();
  histogram.disable();
  return Math.max(0, histogram.max / 1e6 - resolution);
}

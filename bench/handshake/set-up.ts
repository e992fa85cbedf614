/** What a handshake takes, ours in both modes until both ends have finished, beside what others take to set up a connection. */
import { atMost, percentile, told } from "../race.ts";
import { Ends } from "./ends.ts";
import { makeIdentities } from "./identities.ts";
import type { Findings, Part, Scene } from "./part.ts";
import { type Entrant, nodeTls, openssl, stunnel } from "./peers.ts";
import { rotated } from "./rotation.ts";

/** Connections of one entrant in one round. */
const perRound = 40;
/** The first ones of a process are slower, until what they run is compiled. */
const warmUp = 100;

/** By entrant, by round. */
type Taken = ReadonlyMap<string, readonly (readonly number[])[]>;

export const setUp: Part = async (scene) => {
  await using stack = new AsyncDisposableStack();
  const entrants = new Map<string, Entrant>();
  const lacking = await enter(scene, (name, entrant) => entrants.set(name, stack.use(entrant)));
  return report(await measure(entrants, scene.rounds), lacking);
};

/** Returns why stunnel does not take part, if it does not. */
async function enter({ tunnel, folder }: Scene, add: (name: string, entrant: Entrant) => void) {
  const classic = await makeIdentities(folder, { algorithm: "p-256", hasKemKeys: false });
  for (const mode of ["mlkem768", "hybrid"] as const) add(mode, entrantOf(await Ends.open(tunnel, mode, folder)));
  add("Node tls", await nodeTls(tunnel));
  add("openssl", await openssl(classic));
  const raced = await stunnel(classic, folder);
  if (typeof raced === "string") return raced;
  add("stunnel", raced);
  return undefined;
}

async function measure(entrants: ReadonlyMap<string, Entrant>, rounds: number): Promise<Taken> {
  const taken = new Map<string, (readonly number[])[]>();
  for (const { shakes } of entrants.values()) await shakes(warmUp);
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, { shakes }] of rotated([...entrants], round)) {
      taken.set(name, [...(taken.get(name) ?? []), await shakes(perRound)]);
    }
  }
  return taken;
}

function report(taken: Taken, lacking: string | undefined): Findings {
  const of = (name: string) => taken.get(name) ?? [];
  const median = (name: string) =>
    percentile(
      of(name).map((round) => percentile(round, 0.5)),
      0.5,
    );
  const tail = (name: string) => percentile(of(name).flat(), 0.99);
  const peers = {
    ...{ "Node tls, same algorithms": median("Node tls"), "openssl, X25519 P-256": median("openssl") },
    "stunnel, X25519 P-256": lacking === undefined ? median("stunnel") : ("not run" as const),
  };
  return {
    rows: [
      { ...atMost("mutual handshake to both Finished, mlkem768, median", "ms", median("mlkem768"), 6), peers },
      told("mutual handshake to both Finished, mlkem768, p99", "ms", tail("mlkem768")),
      { ...atMost("mutual handshake to both Finished, hybrid, keys held, median", "ms", median("hybrid"), 60), peers },
      told("mutual handshake to both Finished, hybrid, keys held, p99", "ms", tail("hybrid")),
    ],
    notes: [
      `Set-up: ${perRound} connections of each in a round, after ${warmUp} that do not count; each round begins with another; medians of medians.`,
      "Ours begins before the TCP connection and ends when both ends have a session; both run in one process, with a thread each.",
      "Node tls: until the first octet of the server; openssl: s_time against s_server, their mean; stunnel: through client and server of it, until an octet has come back.",
      "openssl and stunnel are Debian's, which know no ML-KEM and no ML-DSA: less is computed.",
      ...(lacking === undefined ? [] : [`stunnel was not run: ${lacking}`]),
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

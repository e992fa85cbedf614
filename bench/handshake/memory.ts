/** What connections that never go on cost the destination in memory, and whether somebody honest still gets in meanwhile. */
import { join } from "node:path";
import { atMost, type RaceRow, told } from "../race.ts";
import { AnsweringEnd } from "./answering-end.ts";
import { catchClientHello } from "./client-hello.ts";
import { HonestSource } from "./honest-source.ts";
import type { Part, Scene } from "./part.ts";
import { Strangers } from "./strangers.ts";
import { crowdNetworks, type StrangersCount } from "./strangers-plan.ts";

const sizes = [1_000, 5_000, 10_000] as const;
const warmUp = 100;
/** Honest handshakes after the last stranger has come. */
const afterwards = 50;

export const memory: Part = async (scene) => {
  const rows: RaceRow[] = [];
  const notes = [
    `Memory: strangers of ${crowdNetworks} networks open their connections as fast as they can and keep them: a third sends a ClientHello, a third half of one, a third nothing. A destination of its own for each row; growth is from after ${warmUp} honest handshakes to the most that the kernel counted (VmHWM).`,
    `Honest handshakes, hybrid, one at a time, go on while strangers come and for ${afterwards} more.`,
  ];
  for (const connections of sizes) {
    const { before, most, shakes, count, stillOpen, failures } = await measure(scene, connections);
    const name = `${connections} half-open connections`;
    const failed = shakes.filter((took) => !Number.isFinite(took)).length;
    rows.push(
      told(`the destination's resident memory before ${name}`, "MiB", before),
      atMost(`growth with ${name}`, "MiB", most - before, 64),
      told(`${name}: still open ${afterwards} honest handshakes later`, "", stillOpen),
      told(`${name}: honest handshakes meanwhile`, "", shakes.length),
      atMost(`${name}: honest handshakes that failed`, "", failed, 0),
      told(`${name}: slowest honest handshake`, "ms", Math.max(...shakes)),
    );
    for (const failure of failures) notes.push(`With ${name} an honest handshake failed: ${failure}`);
    if (count.opened < connections)
      notes.push(`Of ${connections} only ${count.opened} could be opened: ${JSON.stringify(count.failed)}.`);
  }
  return { rows, notes };
};

interface Measured {
  readonly before: number;
  readonly most: number;
  readonly shakes: readonly number[];
  /** When all had come. */
  readonly count: StrangersCount;
  /** Of the strangers' connections, when the last honest handshake was over. */
  readonly stillOpen: number;
  /** Of honest handshakes, in words. */
  readonly failures: ReadonlySet<string>;
}

async function measure({ folder, tunnel }: Scene, connections: number): Promise<Measured> {
  const end = (name: "source" | "destination") => {
    return { files: tunnel[name], mode: "hybrid", state: join(folder, `${connections}`, name) } as const;
  };
  await using answering = await AnsweringEnd.start(end("destination"));
  await using honest = await HonestSource.open(end("source"));
  const hello = await catchClientHello(honest.thread);
  await honest.undisturbed(answering.port, warmUp);
  await answering.isQuiet();
  const before = answering.watchMemory();
  await using strangers = new Strangers({ plan: { kind: "crowd", connections }, port: answering.port, hello });
  let haveAllCome = false;
  const coming = strangers
    .until("all have come", ({ opened, failed }) => opened + total(failed) >= connections)
    .finally(() => (haveAllCome = true));
  const meanwhile = async () => {
    const shakes: number[] = [];
    while (!haveAllCome) shakes.push(await honest.shake(answering.port));
    return [...shakes, ...(await honest.shakes(answering.port, afterwards))];
  };
  const [count, shakes] = await Promise.all([coming, meanwhile()]);
  const { open: stillOpen } = await strangers.count();
  return { before, most: answering.mostMemory(), shakes, count, stillOpen, failures: honest.failures };
}

function total(numbers: Readonly<Record<string, number>>): number {
  return Object.values(numbers).reduce((sum, number) => sum + number, 0);
}

/** Has a node's memory measured under a flood of sybils, in a process of its own. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Millis } from "@ropewalk/kernel/units";

export interface SybilMemoryOrder {
  /** Destinations of the node's table. */
  readonly most: number;
  /** Sybils. */
  readonly count: number;
  /** Of the flood, on the node's clock. */
  readonly lasts: Millis;
  readonly seed: number;
}

/** Octets. */
export interface SybilMemory {
  /** With its neighbours, and nobody else that it knows. */
  readonly empty: number;
  /** With a full table, in which newcomers have taken others' places, and as many next hops to each as are kept: the cap. */
  readonly full: number;
  /** At the moment at which as many of one neighbour's announces wait for their proof as may. */
  readonly overrun: number;
  /** The most of any other moment of the flood. */
  readonly flooded: number;
  readonly after: number;
  /** Of its table, at the end. */
  readonly routes: number;
}

const program = fileURLToPath(new URL("./sybil-memory-main.ts", import.meta.url));
const execArgv = ["--conditions=@ropewalk/source", "--disable-warning=ExperimentalWarning", "--expose-gc"];
const mostBeyond = 0.05;
/** As many of one link as may wait, and what each may take besides its place in the table. */
const waitingRoom = 1_536 * 620;

export async function sybilMemory(order: SybilMemoryOrder): Promise<SybilMemory> {
  const child = fork(program, { execArgv });
  child.send(order);
  const failed = once(child, "exit").then(([code]) => {
    throw new Error(`who was to measure has ended: ${code}`);
  });
  const [memory] = await Promise.race([once(child, "message"), failed]);
  return memory as SybilMemory;
}

/** What is wrong with it. */
export function memoryFaults(memory: SybilMemory, { most }: SybilMemoryOrder): readonly string[] {
  const { full, overrun, flooded, routes } = memory;
  return [
    ...(flooded <= full * (1 + mostBeyond) ? [] : [`${flooded} octets under the flood, ${full} with a full table`]),
    ...(overrun <= full + waitingRoom ? [] : [`those that wait take ${overrun - full} octets`]),
    ...(routes <= most ? [] : [`${routes} routes of ${most}`]),
  ];
}

/** What the processes of a tunnel's both ends cost, with all that they started. */
import { readdirSync, readFileSync } from "node:fs";
import { processorSeconds, proportionalSetSize } from "./proc-figures.ts";

/** Seconds of processor since they began. A process that ends meanwhile is counted by its parent once that has reaped it. */
export function processorTime(pids: readonly number[]): number {
  return sum(pids, (pid) => processorSeconds(readFileSync(`/proc/${pid}/stat`, "utf8")));
}

/** Octets. */
export function memory(pids: readonly number[]): number {
  return sum(pids, (pid) => proportionalSetSize(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")));
}

function sum(pids: readonly number[], figure: (pid: number) => number): number {
  return pids.flatMap((pid) => [pid, ...descendants(pid)]).reduce((total, pid) => total + orNone(() => figure(pid)), 0);
}

function descendants(pid: number): readonly number[] {
  const children = orEmpty(() => readdirSync(`/proc/${pid}/task`))
    .flatMap((thread) => orEmpty(() => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ")))
    .filter((word) => word !== "")
    .map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** One that has ended costs nothing more. */
function orNone(read: () => number): number {
  try {
    return read();
  } catch {
    return 0;
  }
}

function orEmpty(read: () => readonly string[]): readonly string[] {
  try {
    return read();
  } catch {
    return [];
  }
}

/** The lines of a program's output, each with the moment at which its last bytes arrived. */
import type { Readable } from "node:stream";

/** `at` is CLOCK_MONOTONIC in nanoseconds. Empty lines are left out. */
export function stampLines(stream: Readable, onLine: (line: string, at: bigint) => void): void {
  let rest = "";
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    const at = process.hrtime.bigint();
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") onLine(line, at);
  });
}

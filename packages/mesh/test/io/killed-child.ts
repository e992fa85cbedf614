/** A child that is killed at a drawn point while it writes a line for each thing that it has done. */
import { spawn } from "node:child_process";

const flags = ["--conditions=@ropewalk/source", "--disable-warning=ExperimentalWarning"];

/** When it is killed: once it has written so many lines. */
export interface Death {
  readonly lines: number;
  /** The child itself, which is told how many, at once; else from here, wherever it is by then. */
  readonly isByItself: boolean;
}

/** Runs `program`, whose last argument is after how many lines it kills itself; returns the lines that it wrote whole before it died. */
export function linesUntilKilled(
  program: string,
  args: readonly string[],
  { lines, isByItself }: Death,
): Promise<readonly string[]> {
  const most = String(isByItself ? lines : Number.POSITIVE_INFINITY);
  const running = spawn(process.execPath, [...flags, program, ...args, most], { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    let text = "";
    let written = 0;
    running.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      written += chunk.split("\n").length - 1;
      if (written >= lines) running.kill("SIGKILL");
    });
    running.once("error", reject);
    // What it wrote last may be cut.
    running.once("close", () => resolve(text.split("\n").slice(0, -1)));
  });
}

/** What applications on a host of the lab meet: each result in one word, and how long it took. */
import { fileURLToPath } from "node:url";
import type { LabHost } from "@ropewalk/lab/lab-host";
import { sourceFlags } from "./source-flags.ts";

export interface Visit {
  /** What was read, "silence" when nothing came in time, or the code of the error. */
  readonly result: string;
  readonly tookMs: number;
}

const main = fileURLToPath(new URL("./visitor-main.ts", import.meta.url));

/** All at once, by the host's default route; in the order of `texts`. */
export async function visit(host: LabHost, texts: readonly string[]): Promise<readonly Visit[]> {
  const { stdout } = await host.exec(process.execPath, [...sourceFlags, main, ...texts]);
  return JSON.parse(stdout) as Visit[];
}

/** The results, by what was visited. */
export async function meet(host: LabHost, texts: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const visits = await visit(host, texts);
  return Object.fromEntries(texts.map((text, index) => [text, visits[index]?.result ?? ""]));
}

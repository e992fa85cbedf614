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

/** How long nothing has to come to be called silence; whoever expects an answer waits longer than a busy machine makes it late. */
const patience = { silence: 1_500, answer: 20_000 } as const;

/** All at once, by the host's default route; in the order of `texts`. Nothing is expected to come of those in `silent`. */
export async function visit(
  host: LabHost,
  texts: readonly string[],
  silent: readonly string[] = [],
): Promise<readonly Visit[]> {
  const waits = texts.map((text) => `${silent.includes(text) ? patience.silence : patience.answer} ${text}`);
  const { stdout } = await host.exec(process.execPath, [...sourceFlags, main, ...waits]);
  return JSON.parse(stdout) as Visit[];
}

/** What came of the visits of which something is expected, by what was visited. */
export async function meet(
  host: LabHost,
  expected: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const texts = Object.keys(expected);
  const silent = texts.filter((text) => expected[text] === "silence");
  const visits = await visit(host, texts, silent);
  return Object.fromEntries(texts.map((text, index) => [text, visits[index]?.result ?? ""]));
}

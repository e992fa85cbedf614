/** The routes and rules in edge as iproute2 prints them: which are Ropewalk's, how one is deleted, and when one comes and goes. */
import type { LabHost } from "@ropewalk/lab/lab-host";
import { PeerProcesses } from "../peers/peer-process.ts";
import { until } from "./ways.ts";

/** packages/host/src/allocations.ts; the bench looks with iproute2's eyes. */
const ownProtocol = 201;
const familyOptions = ["-4", "-6"] as const;
const watchLimitMs = 5_000;

export interface PrintedObject {
  readonly kind: "route" | "rule";
  readonly family: (typeof familyOptions)[number];
  /** A line of `ip -details`. */
  readonly text: string;
}

export function isRopewalks({ text }: PrintedObject): boolean {
  return text.includes(`proto ${ownProtocol}`);
}

/** Everybody's routes and rules of both families, but for those of the kernel itself. */
export async function printedRouting(host: LabHost): Promise<readonly PrintedObject[]> {
  const lists = familyOptions.flatMap((family) => [
    list(host, "route", family, ["route", "show", "table", "all"]),
    list(host, "rule", family, ["rule", "show"]),
  ]);
  return (await Promise.all(lists)).flat().filter(({ text }) => !text.includes("proto kernel"));
}

async function list(
  host: LabHost,
  kind: PrintedObject["kind"],
  family: PrintedObject["family"],
  words: readonly string[],
): Promise<readonly PrintedObject[]> {
  const { stdout } = await host.exec("ip", ["-details", family, ...words]);
  const lines = stdout.split("\n").map(oneSpaced);
  return lines.filter((text) => text !== "").map((text) => ({ kind, family, text }));
}

/** Arguments of `ip` that delete it. */
export function deletion({ kind, family, text }: PrintedObject): readonly string[] {
  const [, priority = "", selector = ""] = /^(\d+): (.*)$/.exec(text) ?? [];
  const words = kind === "route" ? text : `priority ${priority} ${selector}`;
  return [family, kind, "del", ...words.split(" ")];
}

type OnChange = (object: Omit<PrintedObject, "kind">, change: "came" | "went", at: bigint) => void;

/** Tells of every route and rule that comes or goes, within a millisecond, until disposed of. Resolves once it sees them. */
export async function watchRouting(host: LabHost, onChange: OnChange): Promise<AsyncDisposable> {
  const processes = new PeerProcesses();
  const seen = new Set<string>();
  for (const family of familyOptions) {
    processes.start(host, "ip monitor", ["ip", "-details", family, "monitor", "rule", "route"], (line, at) => {
      const text = oneSpaced(line.replace(/^Deleted /, ""));
      seen.add(family);
      onChange({ family, text }, line.startsWith("Deleted ") ? "went" : "came", at);
    });
  }
  const sees = async () => {
    for (const family of familyOptions) {
      await host.exec("ip", [family, "rule", "add", "priority", "31000", "lookup", "main"]);
      await host.exec("ip", [family, "rule", "del", "priority", "31000"]);
    }
    return familyOptions.every((family) => seen.has(family));
  };
  try {
    await until("ip monitor tells of rules", watchLimitMs, sees);
    return processes;
  } catch (error) {
    await processes[Symbol.asyncDispose]();
    throw error;
  }
}

function oneSpaced(line: string): string {
  return line.replace(/\s+/g, " ").trim();
}

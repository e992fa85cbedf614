/** The routes and rules in edge, as iproute2 prints them: which are Ropewalk's, and how one of them is deleted. */
import type { LabHost } from "@ropewalk/lab/lab-host";

/** packages/host/src/allocations.ts; the bench looks with iproute2's eyes. */
export const ownProtocol = 201;

export interface PrintedObject {
  readonly kind: "route" | "rule";
  /** The option of `ip` that chooses the family. */
  readonly family: "-4" | "-6";
  /** One line of `ip -details`, without what is of the moment. */
  readonly text: string;
}

const families = ["-4", "-6"] as const;
const isOwn = new RegExp(`\\bproto ${ownProtocol}\\b`);

export function isRopewalks({ text }: PrintedObject): boolean {
  return isOwn.test(text);
}

/** Everybody's routes and rules of both families; not those of the kernel itself. */
export async function printedObjects(host: LabHost): Promise<readonly PrintedObject[]> {
  const listed = families.flatMap((family) => [
    list(host, family, "route", ["route", "show", "table", "all"]),
    list(host, family, "rule", ["rule", "show"]),
  ]);
  const all = (await Promise.all(listed)).flat();
  return all.filter(({ text }) => !/\bproto kernel\b/.test(text));
}

async function list(
  host: LabHost,
  family: PrintedObject["family"],
  kind: PrintedObject["kind"],
  words: readonly string[],
): Promise<readonly PrintedObject[]> {
  const { stdout } = await host.exec("ip", ["-details", family, ...words]);
  return stdout
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => ({ kind, family, text: normalized(line) }));
}

/** One line, without the words that tell of a state and not of what the object is. */
export function normalized(line: string): string {
  return line
    .replace(/^(?:unicast|Deleted) /, "")
    .replace(/\b(?:linkdown|dead|scope global|error -?\d+|expires \d+sec|pref medium|table main)\b/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

/** The words for `ip -batch` that delete it. */
export function deletion({ kind, family, text }: PrintedObject): string {
  if (kind === "route") return `${family} route del ${text.replace(/^unicast /, "")}`;
  const [, priority, selector] = /^(\d+): (.*)$/.exec(text) ?? [];
  return `${family} rule del priority ${priority} ${selector}`;
}

/** Reads published vectors from a folder of somebody's clones and counts how they fared, file by file. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { acvpJudges } from "./acvp.ts";
import type { Fields, Verdict } from "./verdict.ts";
import { type Judge, wycheproofJudges } from "./wycheproof.ts";

interface Group {
  readonly tgId?: number;
  readonly tests: readonly Readonly<Record<string, unknown>>[];
  readonly [field: string]: unknown;
}

export interface VectorSet {
  readonly name: string;
  readonly held: number;
  /** By reason. */
  readonly unused: ReadonlyMap<string, number>;
  readonly broken: readonly string[];
}

/** Every set that is found below `folder`, and the names of those that are not. */
export function judgeFolder(folder: string): {
  readonly sets: readonly VectorSet[];
  readonly missing: readonly string[];
} {
  const found = globSync(
    [
      "**/testvectors_v1/*_test.json",
      "**/gen-val/json-files/*/expectedResults.json",
      "**/gen-val/json-files/*/internalProjection.json",
    ],
    { cwd: folder },
  );
  const files = new Map(found.map((path) => [nameOf(path), join(folder, path)]));
  const judges = { ...wycheproofJudges, ...acvpJudges };
  const known = Object.entries(judges).filter(([name]) => files.has(name));
  return {
    sets: known.map(([name, judge]) => judgeSet(name, readTests(files.get(name) as string), judge)),
    missing: Object.keys(judges).filter((name) => !files.has(name)),
  };
}

export function judgeSet(name: string, tests: readonly Fields[], judge: Judge): VectorSet {
  const unused = new Map<string, number>();
  const broken: string[] = [];
  let held = 0;
  for (const test of tests) {
    const verdict = attempt(test, judge);
    if (verdict.kind === "held") held += 1;
    else if (verdict.kind === "unused") unused.set(verdict.why, (unused.get(verdict.why) ?? 0) + 1);
    else broken.push(`${name} ${test["tcId"]} (${test["comment"] ?? test["reason"] ?? ""}): ${verdict.why}`);
  }
  return { name, held, unused, broken };
}

/** What a judge does not expect is a defect of what it judges, or of the judge. */
function attempt(test: Fields, judge: Judge): Verdict {
  try {
    return judge(test);
  } catch (error) {
    return { kind: "broken", why: String(error) };
  }
}

function nameOf(path: string): string {
  return path.endsWith("_test.json") ? basename(path, "_test.json") : basename(dirname(path));
}

/** ACVP keeps questions and answers in two files, or all in one, which says more where it is there. */
function readTests(path: string): readonly Fields[] {
  if (path.endsWith("_test.json")) return fieldsOf(groupsOf(path));
  const projection = join(dirname(path), "internalProjection.json");
  if (existsSync(projection)) return fieldsOf(groupsOf(projection));
  const answers = new Map(fieldsOf(groupsOf(path)).map((test) => [test["tcId"], test]));
  return fieldsOf(groupsOf(join(dirname(path), "prompt.json"))).map((test) => ({
    ...test,
    ...answers.get(test["tcId"]),
  }));
}

function groupsOf(path: string): readonly Group[] {
  return JSON.parse(readFileSync(path, "utf8")).testGroups;
}

function fieldsOf(groups: readonly Group[]): readonly Fields[] {
  return groups.flatMap(({ tests, ...group }) => tests.map((test) => textsOf({ ...group, ...test })));
}

function textsOf(fields: Readonly<Record<string, unknown>>): Fields {
  const plain = Object.entries(fields).filter(([, value]) => typeof value !== "object");
  return Object.fromEntries(plain.map(([name, value]) => [name, String(value)]));
}

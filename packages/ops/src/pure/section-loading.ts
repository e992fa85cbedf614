/** One section of the configuration: what its names are, and what its table and the environment make of it. */
import { type ConfigFault, schemaFaults, shownValue, unknownReason } from "../config-fault.ts";
import type { ConfigSection } from "../config-section.ts";
import { type EnvironmentLeaf, environmentName } from "./config-environment.ts";
import type { ConfigFileTree } from "./config-file-text.ts";
import { type LoadedLeaf, loadedLeaves } from "./config-leaves.ts";
import { formatPath } from "./config-path.ts";
import { copyTree, isTable, type RawTable, setAt, takeAt, valueAt } from "./config-tree.ts";
import { type Setting, secondsReading } from "./environment-settings.ts";
import { nearestKey } from "./nearest-key.ts";
import { leavesOf, type SchemaShape, shapeAt } from "./schema-shape.ts";

/** A section with what its schema says of itself. */
export interface KnownSection {
  readonly key: string;
  readonly section: ConfigSection<unknown>;
  readonly shape: SchemaShape;
}

export function environmentLeaves({
  section,
  shape,
}: KnownSection): readonly (EnvironmentLeaf & { readonly named: readonly string[] })[] {
  const leaves = leavesOf(shape).map(({ path, type }) => ({
    path: [section.name, ...path],
    type,
    named: [section.name, ...path],
  }));
  const aliases = Object.entries(section.secondsAliases ?? {}).map(([alias, target]) => {
    const path = target.split(".");
    const leaf = leavesOf(shapeAt(shape, path) ?? shape)[0];
    return {
      path: [section.name, ...path],
      named: [section.name, ...alias.split(".")],
      inSeconds: true,
      leaf,
    } as const;
  });
  return [
    ...leaves,
    ...aliases.flatMap(({ leaf, ...alias }) => (leaf === undefined ? [] : [{ ...alias, type: leaf.type }])),
  ];
}

export function refusedNames({ section }: KnownSection): readonly (readonly [string, string])[] {
  return Object.entries(section.refused ?? {}).map(([path, advice]) => [
    environmentName([section.name, ...path.split(".")]),
    advice,
  ]);
}

export function unknownSections(tree: ConfigFileTree, known: readonly string[]): readonly ConfigFault[] {
  const unknown = Object.keys(tree.root).filter((name) => !known.includes(name));
  return unknown.map((name) => ({
    path: formatPath([name]),
    value: undefined,
    reason: unknownReason(isTable(tree.root[name]) ? "section" : "key", nearestKey(name, known)),
    origin: tree.place([name]),
  }));
}

export interface LoadedSection {
  readonly value: unknown;
  readonly leaves: readonly LoadedLeaf[];
  readonly faults: readonly ConfigFault[];
}

export function loadSection(
  { section, shape }: KnownSection,
  tree: ConfigFileTree,
  settings: readonly Setting[],
): LoadedSection {
  const given = tree.root[section.name];
  const faults: ConfigFault[] = [];
  if (given !== undefined && !isTable(given)) {
    faults.push({
      path: section.name,
      value: undefined,
      reason: `expected a table, [${section.name}]`,
      origin: tree.place([section.name]),
    });
    return { value: undefined, leaves: [], faults };
  }
  const raw = copyTree(given ?? {}) as RawTable;
  faults.push(...takeRefused(section, raw, tree), ...takeAliases(section, raw, tree));
  const own = settings.filter((setting) => setting.path[0] === section.name);
  for (const setting of own) setAt(raw, setting.path.slice(1), setting.value);

  const parsed = section.schema.safeParse(raw, { reportInput: true });
  if (parsed.success)
    return { value: parsed.data, leaves: loadedLeaves(shape, raw, parsed.data, [section.name]), faults };
  for (const issue of schemaFaults(parsed.error.issues, shape)) {
    if (issue.unknownKeys.length > 0) faults.push(...unknownKeys(section, issue.path, issue.unknownKeys, shape, tree));
    else {
      const path = [section.name, ...issue.path];
      const origin = own.find((setting) => isWithin(path, setting.path))?.origin ?? tree.place(path);
      const value = valueAt(raw, issue.path);
      const reason = value === undefined ? `is missing: ${issue.reason}` : issue.reason;
      faults.push({ path: formatPath(path), value: shownValue(value, issue.path, shape), reason, origin });
    }
  }
  return { value: undefined, leaves: [], faults };
}

function isWithin(path: readonly PropertyKey[], above: readonly PropertyKey[]): boolean {
  return above.length <= path.length && above.every((step, index) => path[index] === step);
}

function takeRefused(section: ConfigSection<unknown>, raw: RawTable, tree: ConfigFileTree): readonly ConfigFault[] {
  return Object.entries(section.refused ?? {}).flatMap(([refused, reason]) =>
    takeAt(raw, refused.split(".")).map(({ path }) => {
      const full = [section.name, ...path];
      return { path: formatPath(full), value: undefined, reason, origin: tree.place(full) };
    }),
  );
}

/** Moves numbers of seconds to the durations that they are other names of. */
function takeAliases(section: ConfigSection<unknown>, raw: RawTable, tree: ConfigFileTree): readonly ConfigFault[] {
  return Object.entries(section.secondsAliases ?? {}).flatMap(([alias, target]) =>
    takeAt(raw, alias.split(".")).flatMap(({ path, value }): readonly ConfigFault[] => {
      const full = [section.name, ...path];
      const reading = secondsReading(value);
      const isSetTwice = valueAt(raw, target.split(".")) !== undefined;
      if (reading.kind === "value" && !isSetTwice) {
        setAt(raw, target.split("."), reading.value);
        return [];
      }
      const reason =
        isSetTwice || reading.kind === "value"
          ? `is another name of ${section.name}.${target}; keep one`
          : reading.reason;
      return [{ path: formatPath(full), value: undefined, reason, origin: tree.place(full) }];
    }),
  );
}

function unknownKeys(
  section: ConfigSection<unknown>,
  path: readonly PropertyKey[],
  keys: readonly string[],
  shape: SchemaShape,
  tree: ConfigFileTree,
): readonly ConfigFault[] {
  const table = shapeAt(shape, path);
  const known = table?.kind === "table" ? [...table.keys.keys()] : [];
  return keys.map((key) => {
    const full = [section.name, ...path, key];
    return {
      path: formatPath(full),
      value: undefined,
      reason: unknownReason("key", nearestKey(key, known)),
      origin: tree.place(full),
    };
  });
}

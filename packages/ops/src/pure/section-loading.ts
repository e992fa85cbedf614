/** One section of the configuration: what its names are, and what its table and the environment make of it. */
import { type ConfigFault, type SchemaFault, schemaFaults, shownValue, unknownReason } from "../config-fault.ts";
import type { ConfigSection } from "../config-section.ts";
import { type EnvironmentLeaf, environmentName } from "./config-environment.ts";
import type { ConfigFileTree } from "./config-file-text.ts";
import { type LoadedLeaf, loadedLeaves } from "./config-leaves.ts";
import { formatPath } from "./config-path.ts";
import { copyTree, isTable, type RawTable, setAt, takeAt, valueAt } from "./config-tree.ts";
import { type Setting, secondsReading } from "./environment-settings.ts";
import { nearestKey } from "./nearest-key.ts";
import { type NamedShape, placesOfKey } from "./places-of-key.ts";
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
  const keys = Object.entries(section.refused ?? {}).map(
    ([path, advice]) => [environmentName([section.name, ...path.split(".")]), advice] as const,
  );
  return [...keys, ...Object.entries(section.refusedVariables ?? {})];
}

/** What each variable of another program sets. */
export function formerNames(all: readonly KnownSection[]): ReadonlyMap<string, readonly EnvironmentLeaf[]> {
  const names = new Map<string, readonly EnvironmentLeaf[]>();
  for (const { section, shape } of all) {
    for (const [name, key] of Object.entries(section.formerVariables ?? {})) {
      const inSeconds = section.secondsAliases?.[key];
      const path = (inSeconds ?? key).split(".");
      const leaf = leavesOf(shapeAt(shape, path) ?? shape, [section.name, ...path])[0];
      const read: EnvironmentLeaf | undefined =
        leaf === undefined || inSeconds === undefined ? leaf : { ...leaf, inSeconds: true };
      if (read !== undefined) names.set(name, [...(names.get(name) ?? []), read]);
    }
  }
  return names;
}

/** What lies in no section that there is: with advice where a section knows who had it, else as unknown. */
export function unknownSections(tree: ConfigFileTree, all: readonly KnownSection[]): readonly ConfigFault[] {
  const sections = all.map(({ section }) => section);
  const known = sections.map(({ name }) => name);
  const rest = copyTree(tree.root) as RawTable;
  for (const name of known) delete rest[name];
  const former = sections
    .flatMap(({ formerTables }) => Object.entries(formerTables ?? {}))
    .flatMap(([place, advice]) => takeAt(rest, place.split(".")).map(({ path }) => faultAt(path, advice, tree)));
  const unknown = Object.entries(rest).map(([name, value]) => {
    const nearest = nearestKey(name, known);
    const meant = nearest === undefined ? placesOfKey(name, all.map(named)) : [formatPath([nearest])];
    return faultAt([name], unknownReason(isTable(value) ? "section" : "key", meant), tree);
  });
  return [...former, ...unknown];
}

export interface LoadedSection {
  readonly value: unknown;
  readonly leaves: readonly LoadedLeaf[];
  readonly faults: readonly ConfigFault[];
}

/** `all`: every section, for what belongs into another one. */
export function loadSection(
  known: KnownSection,
  all: readonly KnownSection[],
  tree: ConfigFileTree,
  settings: readonly Setting[],
): LoadedSection {
  const { section, shape } = known;
  const given = tree.root[section.name] ?? {};
  if (!isTable(given)) {
    const reason = `expected a table, [${section.name}]`;
    return refusedSection([faultAt([section.name], reason, tree)]);
  }
  const raw = copyTree(given) as RawTable;
  const moved = [...takeRefused(section, raw, tree), ...takeAliases(section, raw, tree)];
  const own = settings.filter((setting) => setting.path[0] === section.name);
  for (const setting of own) setAt(raw, setting.path.slice(1), setting.value);

  // A table that means something by being there does not come to be by what only switches something off in it.
  const isAbsent =
    tree.root[section.name] === undefined && own.every(({ value }) => value === false) && isOptional(section);
  // With the input, so that messages of the schema's own can be told from zod's.
  const parsed = section.schema.safeParse(isAbsent ? undefined : raw, { reportInput: true });
  if (!parsed.success) {
    const issues = schemaFaults(parsed.error.issues, shape);
    return refusedSection([...moved, ...issues.flatMap((issue) => issueFaults(issue, { known, all, raw, tree, own }))]);
  }
  return {
    value: parsed.data,
    leaves: loadedLeaves(shape, isAbsent ? undefined : raw, parsed.data, [section.name]),
    faults: moved,
  };
}

function isOptional({ schema }: ConfigSection<unknown>): boolean {
  const absent = schema.safeParse(undefined);
  return absent.success && absent.data === undefined;
}

function refusedSection(faults: readonly ConfigFault[]): LoadedSection {
  return { value: undefined, leaves: [], faults };
}

function faultAt(path: readonly PropertyKey[], reason: string, tree: ConfigFileTree): ConfigFault {
  return { path: formatPath(path), value: undefined, reason, origin: tree.place(path) };
}

interface Reading {
  readonly known: KnownSection;
  readonly all: readonly KnownSection[];
  readonly raw: RawTable;
  readonly tree: ConfigFileTree;
  readonly own: readonly Setting[];
}

function issueFaults(issue: SchemaFault, { known, all, raw, tree, own }: Reading): readonly ConfigFault[] {
  const { section, shape } = known;
  const path = [section.name, ...issue.path];
  if (issue.unknownKeys.length > 0) {
    const beside = shapeAt(shape, issue.path);
    return issue.unknownKeys.map((key) => {
      return faultAt([...path, key], unknownReason("key", meantBy(key, beside, known, all)), tree);
    });
  }
  const value = valueAt(raw, issue.path);
  const reason = value === undefined ? `is missing: ${issue.reason}` : issue.reason;
  const origin = own.find((setting) => isWithin(path, setting.path))?.origin ?? tree.place(path);
  return [{ path: formatPath(path), value: shownValue(value, issue.path, shape), reason, origin }];
}

/** The same key in another table of the section; else a like one in this table; else the same one of other sections. */
function meantBy(
  key: string,
  beside: SchemaShape | undefined,
  known: KnownSection,
  all: readonly KnownSection[],
): readonly string[] {
  const inSection = placesOfKey(key, [named(known)]);
  if (inSection.length > 0) return inSection;
  const nearest = nearestKey(key, beside?.kind === "table" ? beside.keys.keys() : []);
  return nearest === undefined ? placesOfKey(key, all.map(named)) : [formatPath([nearest])];
}

function named({ section, shape }: KnownSection): NamedShape {
  return { name: section.name, shape };
}

function isWithin(path: readonly PropertyKey[], above: readonly PropertyKey[]): boolean {
  return above.length <= path.length && above.every((step, index) => path[index] === step);
}

function takeRefused(section: ConfigSection<unknown>, raw: RawTable, tree: ConfigFileTree): readonly ConfigFault[] {
  return Object.entries(section.refused ?? {}).flatMap(([refused, advice]) =>
    takeAt(raw, refused.split(".")).map(({ path }) => faultAt([section.name, ...path], advice, tree)),
  );
}

/** Moves numbers of seconds to the durations that they are other names of. */
function takeAliases(section: ConfigSection<unknown>, raw: RawTable, tree: ConfigFileTree): readonly ConfigFault[] {
  return Object.entries(section.secondsAliases ?? {}).flatMap(([alias, target]) =>
    takeAt(raw, alias.split(".")).flatMap(({ path, value }) => {
      const reading = secondsReading(value);
      const at = [section.name, ...path];
      if (reading.kind === "refused") return [faultAt(at, reading.reason, tree)];
      if (valueAt(raw, target.split(".")) !== undefined) {
        return [faultAt(at, `is another name of ${section.name}.${target}; keep one`, tree)];
      }
      setAt(raw, target.split("."), reading.value);
      return [];
    }),
  );
}

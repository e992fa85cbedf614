/**
 * Loads the configuration: one TOML file with a table for each domain, environment variables over it, defaults under it.
 * It is a pure function of its arguments and reports every fault at once; a configuration with a fault is not used at all.
 */

import { type ConfigFault, schemaFaults, shownValue, unknownReason } from "./config-fault.ts";
import type { ConfigSection } from "./config-section.ts";
import { type EnvironmentLeaf, environmentName, environmentNames } from "./pure/config-environment.ts";
import { type ConfigFileTree, type ConfigText, readConfigText } from "./pure/config-file-text.ts";
import { type LoadedLeaf, loadedLeaves } from "./pure/config-leaves.ts";
import { formatPath } from "./pure/config-path.ts";
import { copyTree, deepFreeze, isTable, type RawTable, setAt, takeAt, valueAt } from "./pure/config-tree.ts";
import {
  type ConfigOrigin,
  readEnvironment,
  type SecretFileReading,
  type Setting,
  secondsReading,
} from "./pure/environment-settings.ts";
import { nearestKey } from "./pure/nearest-key.ts";
import { leavesOf, type SchemaShape, shapeAt, shapeOf } from "./pure/schema-shape.ts";

/** The sections of a program, by the name that its code gives each. */
export type Sections = Readonly<Record<string, ConfigSection<unknown>>>;

/** The typed configuration: `values.backhaul` has the type that `sections.backhaul` parses to. */
export type ConfigValues<S extends Sections> = {
  readonly [Name in keyof S]: S[Name] extends ConfigSection<infer Config> ? Config : never;
};

export interface ConfigSources<S extends Sections> {
  readonly sections: S;
  /** The configuration file; absent when there is none. */
  readonly text?: ConfigText;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads the file that a `*_FILE` variable names; without it such variables are faults. */
  readonly readSecretFile?: (path: string) => SecretFileReading;
  /** Variables named ROPEWALK_* that are no configuration and are left alone. */
  readonly otherNames?: readonly string[];
}

export interface LoadedConfig<S extends Sections> {
  readonly kind: "ok";
  /** Frozen all the way down. */
  readonly values: ConfigValues<S>;
  /** Where each leaf's value came from, by path: "backhaul.probe.enabled". */
  readonly origins: ReadonlyMap<string, ConfigOrigin>;
  /** Every leaf in the order of the schemas, as `config show` prints it. */
  readonly leaves: readonly LoadedLeaf[];
}

export type ConfigResult<S extends Sections> =
  | LoadedConfig<S>
  | { readonly kind: "faults"; readonly faults: readonly ConfigFault[] };

/** More faults than anybody reads; the rest is counted. */
const mostFaults = 100;

export function loadConfig<const S extends Sections>(sources: ConfigSources<S>): ConfigResult<S> {
  const sections = Object.entries(sources.sections).map(([key, section]) => ({
    key,
    section,
    shape: shapeOf(section.schema),
  }));
  const environment = readEnvironment({
    env: sources.env,
    names: environmentNames(sections.flatMap(environmentLeaves)),
    sectionNames: sections.map(({ section }) => section.name),
    refused: new Map(sections.flatMap(refusedNames)),
    otherNames: sources.otherNames ?? [],
    readSecretFile: sources.readSecretFile,
  });
  const file = readConfigText(sources.text);
  if (file.kind === "fault") return refusal([file.fault, ...environment.faults]);

  const faults = [
    ...unknownSections(
      file.tree,
      sections.map(({ section }) => section.name),
    ),
    ...environment.faults,
  ];
  const values: Record<string, unknown> = {};
  const leaves: LoadedLeaf[] = [];
  for (const known of sections) {
    const loaded = loadSection(known, file.tree, environment.settings);
    faults.push(...loaded.faults);
    leaves.push(...loaded.leaves);
    values[known.key] = loaded.value;
  }
  if (faults.length > 0) return refusal(faults);
  const origins = originsOf(leaves, environment.settings);
  return { kind: "ok", values: deepFreeze(values) as ConfigValues<S>, origins, leaves };
}

interface KnownSection {
  readonly key: string;
  readonly section: ConfigSection<unknown>;
  readonly shape: SchemaShape;
}

function environmentLeaves({
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

function refusedNames({ section }: KnownSection): readonly (readonly [string, string])[] {
  return Object.entries(section.refused ?? {}).map(([path, advice]) => [
    environmentName([section.name, ...path.split(".")]),
    advice,
  ]);
}

function unknownSections(tree: ConfigFileTree, known: readonly string[]): readonly ConfigFault[] {
  const unknown = Object.keys(tree.root).filter((name) => !known.includes(name));
  return unknown.map((name) => ({
    path: formatPath([name]),
    value: undefined,
    reason: unknownReason(isTable(tree.root[name]) ? "section" : "key", nearestKey(name, known)),
    origin: tree.place([name]),
  }));
}

interface LoadedSection {
  readonly value: unknown;
  readonly leaves: readonly LoadedLeaf[];
  readonly faults: readonly ConfigFault[];
}

function loadSection(
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

function originsOf(leaves: readonly LoadedLeaf[], settings: readonly Setting[]): ReadonlyMap<string, ConfigOrigin> {
  const set = new Map(settings.map((setting) => [formatPath(setting.path), setting.origin]));
  return new Map(
    leaves.map(({ path, isGiven }) => {
      const text = formatPath(path);
      return [text, set.get(text) ?? (isGiven ? "file" : "default")];
    }),
  );
}

function refusal(faults: readonly ConfigFault[]): { readonly kind: "faults"; readonly faults: readonly ConfigFault[] } {
  const rest = faults.length - mostFaults;
  if (rest <= 0) return { kind: "faults", faults };
  const more = { path: "", value: undefined, reason: `and ${rest} more faults`, origin: undefined };
  return { kind: "faults", faults: [...faults.slice(0, mostFaults), more] };
}

/**
 * Loads the configuration: one TOML file with a table for each domain, environment variables over it, defaults under it.
 * It is a pure function of its arguments and reports every fault at once; a configuration with a fault is not used at all.
 */
import type { ConfigFault } from "./config-fault.ts";
import type { ConfigSection } from "./config-section.ts";
import { environmentNames } from "./pure/config-environment.ts";
import { type ConfigText, readConfigText } from "./pure/config-file-text.ts";
import type { LoadedLeaf } from "./pure/config-leaves.ts";
import { formatPath } from "./pure/config-path.ts";
import { deepFreeze } from "./pure/config-tree.ts";
import {
  type ConfigOrigin,
  readEnvironment,
  type SecretFileReading,
  type Setting,
} from "./pure/environment-settings.ts";
import { shapeOf } from "./pure/schema-shape.ts";
import { environmentLeaves, formerNames, loadSection, refusedNames, unknownSections } from "./pure/section-loading.ts";

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
  const sectionNames = sections.map(({ section }) => section.name);
  const environment = readEnvironment({
    env: sources.env,
    names: environmentNames(sections.flatMap(environmentLeaves)),
    formerNames: formerNames(sections),
    sectionNames,
    refused: new Map(sections.flatMap(refusedNames)),
    otherNames: sources.otherNames ?? [],
    readSecretFile: sources.readSecretFile,
  });
  const file = readConfigText(sources.text);
  if (file.kind === "fault") return refusal([file.fault, ...environment.faults]);

  const faults = [...unknownSections(file.tree, sections), ...environment.faults];
  const values: Record<string, unknown> = {};
  const leaves: LoadedLeaf[] = [];
  for (const known of sections) {
    const loaded = loadSection(known, sections, file.tree, environment.settings);
    faults.push(...loaded.faults);
    leaves.push(...loaded.leaves);
    values[known.key] = loaded.value;
  }
  if (faults.length > 0) return refusal(faults);
  const origins = originsOf(leaves, environment.settings);
  return { kind: "ok", values: deepFreeze(values) as ConfigValues<S>, origins, leaves };
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

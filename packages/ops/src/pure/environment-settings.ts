/** What the environment sets: every ROPEWALK_* variable read, refused or left alone, with all faults at once. */
import { seconds } from "@ropewalk/kernel/units";
import type { ConfigFault } from "../config-fault.ts";
import { unknownReason } from "../config-fault.ts";
import {
  type EnvironmentLeaf,
  environmentName,
  environmentPrefix,
  readText,
  type TextReading,
} from "./config-environment.ts";
import { formatPath } from "./config-path.ts";
import { formatDuration } from "./duration.ts";
import { nearestKey } from "./nearest-key.ts";

export type ConfigOrigin = "default" | "file" | `environment ${string}` | `secret file ${string}`;

export type SecretFileReading =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "failed"; readonly reason: string };

export interface EnvironmentSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Variables by name, from `environmentNames`. */
  readonly names: ReadonlyMap<string, EnvironmentLeaf>;
  /** Whole names that another program had, with all that each sets. */
  readonly formerNames: ReadonlyMap<string, readonly EnvironmentLeaf[]>;
  readonly sectionNames: readonly string[];
  /** Advice for variables of keys that are refused, by name. */
  readonly refused: ReadonlyMap<string, string>;
  /** Names of this program that are no configuration: ROPEWALK_STATE_DIR and the like. */
  readonly otherNames: readonly string[];
  readonly readSecretFile: ((path: string) => SecretFileReading) | undefined;
}

export interface Setting {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly origin: ConfigOrigin;
}

export interface EnvironmentReading {
  readonly settings: readonly Setting[];
  readonly faults: readonly ConfigFault[];
}

/** Names that are told for an unknown one. */
const mostMeant = 3;

/** The longest value that one variable or one `*_FILE` may hold, in UTF-16 units. */
const longestText = 65_536;

export function readEnvironment(sources: EnvironmentSources): EnvironmentReading {
  const settings = new Map<string, Setting>();
  const faults: ConfigFault[] = [];
  for (const [name, text] of Object.entries(sources.env).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (text === undefined || sources.otherNames.includes(name)) continue;
    for (const reading of readingsOf(name, text, sources)) {
      if (reading.kind === "fault") faults.push(reading.fault);
      if (reading.kind !== "setting") continue;
      const { origin } = reading.setting;
      const path = formatPath(reading.setting.path);
      const other = settings.get(path);
      if (other === undefined) settings.set(path, reading.setting);
      else faults.push({ path, value: undefined, reason: `set twice, also by ${other.origin}; keep one`, origin });
    }
  }
  return { settings: [...settings.values()], faults };
}

type VariableReading =
  | { readonly kind: "setting"; readonly setting: Setting }
  | { readonly kind: "fault"; readonly fault: ConfigFault }
  | { readonly kind: "ignored" };

/** What is not ours has no reading; a name that another program had may have several. */
function readingsOf(name: string, text: string, sources: EnvironmentSources): readonly VariableReading[] {
  const leaves = leavesNamed(name, sources);
  if (leaves.length > 0) return leaves.map((leaf) => setting(leaf, text, `environment ${name}`));
  const ofFile = name.endsWith("_FILE") ? leavesNamed(name.slice(0, -"_FILE".length), sources) : [];
  if (ofFile.length > 0) return ofFile.map((leaf) => readFileOf(leaf, name, text, sources));
  const isOurs = name.startsWith(environmentPrefix) || refusalOf(name, sources) !== undefined;
  return isOurs ? [unknownVariable(name, sources)] : [];
}

function leavesNamed(name: string, { names, formerNames }: EnvironmentSources): readonly EnvironmentLeaf[] {
  const leaf = names.get(name);
  return leaf === undefined ? (formerNames.get(name) ?? []) : [leaf];
}

function readFileOf(leaf: EnvironmentLeaf, name: string, path: string, sources: EnvironmentSources): VariableReading {
  const file = sources.readSecretFile?.(path) ?? { kind: "failed", reason: "files are not read here" };
  if (file.kind === "text") return setting(leaf, file.text.replace(/\r?\n$/, ""), `secret file ${path}`);
  return fault(leaf.path, undefined, `cannot read ${path}: ${file.reason}`, `environment ${name}`);
}

function refusalOf(name: string, { refused }: EnvironmentSources): string | undefined {
  return refused.get(name) ?? refused.get(name.replace(/_FILE$/, ""));
}

function setting(leaf: EnvironmentLeaf, text: string, origin: ConfigOrigin): VariableReading {
  if (text.length > longestText) return fault(leaf.path, undefined, `longer than ${longestText} characters`, origin);
  const reading = leaf.inSeconds ? readSeconds(text) : readText(text, leaf.type);
  if (reading.kind === "value") return { kind: "setting", setting: { path: leaf.path, value: reading.value, origin } };
  return fault(
    leaf.path,
    leaf.type.mark === "secret" ? undefined : JSON.stringify(text.slice(0, 80)),
    reading.reason,
    origin,
  );
}

/** The duration, as TOML writes it, of a number of seconds in text. */
function readSeconds(text: string): TextReading {
  return secondsReading(/^\d{1,12}(?:\.\d{1,6})?$/.test(text) ? Number(text) : undefined);
}

export function secondsReading(value: unknown): TextReading {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0)
    return { kind: "refused", reason: "expected a number of seconds" };
  return { kind: "value", value: formatDuration(seconds(value)) };
}

/** A name below a known section is a mistake; so is one that is nearly a known name. Others may be somebody else's. */
function unknownVariable(name: string, sources: EnvironmentSources): VariableReading {
  const refused = refusalOf(name, sources);
  if (refused !== undefined) return fault([], undefined, refused, `environment ${name}`);
  const nearest = nearestKey(name, [...sources.names.keys(), ...sources.otherNames]);
  const isBelowSection = sources.sectionNames.some((section) => name.startsWith(`${environmentName([section])}_`));
  if (!isBelowSection && nearest === undefined) return { kind: "ignored" };
  const meant = nearest === undefined ? namesEndingAs(name, sources) : [nearest];
  return fault([], undefined, unknownReason("variable", meant), `environment ${name}`);
}

/** Variables of the same section for keys of the same name in its other tables. */
function namesEndingAs(name: string, { names, sectionNames }: EnvironmentSources): readonly string[] {
  const section = sectionNames.map((each) => `${environmentName([each])}_`).find((start) => name.startsWith(start));
  if (section === undefined) return [];
  const end = `_${name.slice(section.length)}`;
  return [...names.keys()].filter((known) => known.startsWith(section) && known.endsWith(end)).slice(0, mostMeant);
}

function fault(path: readonly string[], value: string | undefined, reason: string, origin: string): VariableReading {
  return { kind: "fault", fault: { path: formatPath(path), value, reason, origin } };
}

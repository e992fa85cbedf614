/**
 * Configuration from environment variables: ROPEWALK_BACKHAUL_PROBE_ENABLED is backhaul.probe.enabled, and
 * ROPEWALK_BACKHAUL_PROBE_ENABLED_FILE names a file that holds the value. Names come from the schema, never from guessing.
 */
import { InternalError } from "@ropewalk/kernel/errors";
import type { Leaf, LeafType } from "./schema-shape.ts";

export const environmentPrefix = "ROPEWALK_";

/** A leaf of some section with its full path, ["backhaul", "probe", "enabled"]. */
export interface EnvironmentLeaf extends Leaf {
  /** Set when the name is an alias that takes a number of seconds for the duration at `path`. */
  readonly inSeconds?: true;
}

/** Which leaf each variable sets. Two leaves with one name are a defect of the sections. */
export function environmentNames(
  leaves: readonly (EnvironmentLeaf & { readonly named: readonly string[] })[],
): ReadonlyMap<string, EnvironmentLeaf> {
  const names = new Map<string, EnvironmentLeaf>();
  for (const { named, ...leaf } of leaves) {
    const name = environmentName(named);
    if (names.has(name)) throw new InternalError(`two configuration keys have the environment name ${name}`);
    names.set(name, leaf);
  }
  return names;
}

/** ["backhaul", "monitor_only"] → "ROPEWALK_BACKHAUL_MONITOR_ONLY". */
export function environmentName(path: readonly string[]): string {
  return `${environmentPrefix}${path.join("_").replaceAll("-", "_").toUpperCase()}`;
}

export type TextReading =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "refused"; readonly reason: string };

/** Decimal notation as TOML has it; no hexadecimal, no infinity. */
const numeral = /^[+-]?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?$/;

/** The value that `text` stands for in a leaf of this type. Whether the value is in range is the schema's question. */
export function readText(text: string, type: LeafType): TextReading {
  switch (type.form) {
    case "opaque":
      return { kind: "refused", reason: "can only be set in the configuration file" };
    case "list": {
      const items = text.split(",").map((item) => item.trim());
      const readings = items.filter((item) => item !== "").map((item) => readOne(item, type));
      const refused = readings.find((reading) => reading.kind === "refused");
      return (
        refused ?? {
          kind: "value",
          value: readings.map((reading) => (reading.kind === "value" ? reading.value : undefined)),
        }
      );
    }
    case "one":
      return readOne(text, type);
  }
}

function readOne(text: string, type: LeafType): TextReading {
  if (type.accepts.has("boolean") && (text === "true" || text === "false"))
    return { kind: "value", value: text === "true" };
  if (type.accepts.has("number") && numeral.test(text)) return { kind: "value", value: Number(text) };
  if (type.accepts.has("string")) return { kind: "value", value: text };
  const wanted = [...type.accepts].map((accepted) => (accepted === "boolean" ? "true or false" : `a ${accepted}`));
  return { kind: "refused", reason: `expected ${wanted.join(" or ")}` };
}

/** Every leaf of a loaded section with where its value came from and how TOML writes it: what `config show` prints. */
import { millis } from "@ropewalk/kernel/units";
import type { PathStep } from "./config-path.ts";
import { valueAt } from "./config-tree.ts";
import { formatDuration } from "./duration.ts";
import { camelCase } from "./key-case.ts";
import type { LeafType, SchemaShape } from "./schema-shape.ts";
import { tomlValue } from "./toml-value.ts";

export interface LoadedLeaf {
  readonly path: readonly PathStep[];
  /** Set by the file or the environment, not by a default. */
  readonly isGiven: boolean;
  /** As TOML writes it, a secret as "[secret]"; undefined when an optional key has no value. */
  readonly shown: string | undefined;
}

/** In the schema's order. `raw` is what was given in TOML's form, `value` what the schema made of it with its defaults. */
export function loadedLeaves(
  shape: SchemaShape,
  raw: unknown,
  value: unknown,
  path: readonly PathStep[],
): readonly LoadedLeaf[] {
  switch (shape.kind) {
    case "leaf":
      return [{ path, isGiven: raw !== undefined, shown: shownLeaf(shape.type, raw, value) }];
    case "table":
      // One that means something by being there, and is not.
      if (raw === undefined && value === undefined) return [];
      return [...shape.keys].flatMap(([key, inner]) =>
        loadedLeaves(inner, valueAt(raw, [key]), valueAt(value, [camelCase(key)]), [...path, key]),
      );
    case "tables": {
      const items = Array.isArray(value) ? value : [];
      return items.flatMap((item, index) => loadedLeaves(shape.item, valueAt(raw, [index]), item, [...path, index]));
    }
  }
}

function shownLeaf(type: LeafType, raw: unknown, value: unknown): string | undefined {
  if (raw === undefined && value === undefined) return undefined;
  if (type.mark === "secret") return tomlValue("[secret]");
  if (raw !== undefined) return tomlValue(raw);
  return tomlValue(type.mark === "duration" && typeof value === "number" ? formatDuration(millis(value)) : value);
}

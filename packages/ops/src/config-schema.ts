/**
 * The pieces a domain writes its configuration schema with. Keys in the schema are those of TOML, snake_case;
 * `table` renames them, so that the typed configuration is camelCase and nobody writes a key twice.
 */
import type { Millis } from "@ropewalk/kernel/units";
import { z } from "zod";
import { parseDuration } from "./pure/duration.ts";
import { type CamelCase, camelCase } from "./pure/key-case.ts";
import { leafMark } from "./pure/leaf-mark.ts";

type Shape = Readonly<Record<string, z.ZodType>>;

/** What a table of `S` becomes in the typed configuration. */
export type TableOutput<S extends Shape> = {
  readonly [Key in keyof S & string as CamelCase<Key>]: z.output<S[Key]>;
};

/**
 * A TOML table: unknown keys are faults, an absent table is an empty one (so its keys' defaults hold),
 * and keys come out in camelCase. Tables nest.
 */
export function table<const S extends Shape>(shape: S): z.ZodType<TableOutput<S>> {
  return givenTable(shape).prefault({} as z.input<z.ZodObject<S>>);
}

/** A TOML table that means something by being there: undefined when it is absent, else as `table`. */
export function optionalTable<const S extends Shape>(shape: S): z.ZodType<TableOutput<S> | undefined> {
  return givenTable(shape).optional();
}

function givenTable<const S extends Shape>(shape: S) {
  return z.strictObject(shape).transform((parsed) => renamed(parsed) as TableOutput<S>);
}

function renamed(parsed: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(parsed).map(([key, value]) => [camelCase(key), value]));
}

/** A duration: in TOML a string with its unit, "250ms", "15s", "5m", "2h" or "1d". Give defaults as such a string, by `prefault`. */
export const durationSchema: z.ZodType<Millis, string> = z
  .string()
  .transform((text, context): Millis => {
    const duration = parseDuration(text);
    if (duration !== undefined) return duration;
    context.issues.push({ code: "custom", input: text, message: 'expected a duration such as "250ms", "15s" or "5m"' });
    return z.NEVER;
  })
  .meta(leafMark("duration"));

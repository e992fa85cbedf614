/**
 * What the loader must know of a section's schema: which tables and keys there are, and what kind of text each key takes.
 * Read once from zod's definitions (https://zod.dev/packages/core#schemas), so that no domain says it twice.
 */
import { z } from "zod";
import { markOf } from "./leaf-mark.ts";

/** What a leaf accepts, as far as turning text into a value needs it. */
export interface LeafType {
  readonly accepts: ReadonlySet<"boolean" | "number" | "string">;
  /** "list" takes several of them; "opaque" is anything else, which only TOML can write. */
  readonly form: "one" | "list" | "opaque";
  readonly mark: "duration" | "secret" | undefined;
}

export type SchemaShape =
  | { readonly kind: "table"; readonly keys: ReadonlyMap<string, SchemaShape> }
  | { readonly kind: "tables"; readonly item: SchemaShape }
  | { readonly kind: "leaf"; readonly type: LeafType };

const nothing: ReadonlySet<never> = new Set();

/** The shape of `schema`, wrappers (defaults, optionals, transforms) seen through. */
export function shapeOf(schema: z.ZodType): SchemaShape {
  const mark = markOf(schema);
  if (mark !== undefined) return leaf({ accepts: new Set(["string"]), form: "one", mark });
  const inner = unwrapped(schema);
  if (inner !== undefined) return shapeOf(inner);
  if (schema instanceof z.ZodObject) {
    const keys = Object.entries<z.ZodType>(schema.shape).map(([key, value]) => [key, shapeOf(value)] as const);
    return { kind: "table", keys: new Map(keys) };
  }
  if (schema instanceof z.ZodArray) return listShape(shapeOf(schema.element as z.ZodType));
  if (schema instanceof z.ZodUnion) return unionShape((schema.options as readonly z.ZodType[]).map(shapeOf));
  return leaf({ accepts: primitives(schema), form: primitives(schema).size === 0 ? "opaque" : "one", mark: undefined });
}

function leaf(type: LeafType): SchemaShape {
  return { kind: "leaf", type };
}

/** The schema inside a wrapper. Of a transform the side that reads the input counts. */
function unwrapped(schema: z.ZodType): z.ZodType | undefined {
  if (schema instanceof z.ZodPipe) {
    return (schema.in instanceof z.ZodTransform ? schema.out : schema.in) as z.ZodType;
  }
  const isWrapper =
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodNonOptional;
  return isWrapper ? (schema.unwrap() as z.ZodType) : undefined;
}

function listShape(item: SchemaShape): SchemaShape {
  if (item.kind === "table") return { kind: "tables", item };
  const isFlat = item.kind === "leaf" && item.type.form === "one";
  return isFlat ? leaf({ ...item.type, form: "list" }) : leaf({ accepts: nothing, form: "opaque", mark: undefined });
}

function unionShape(options: readonly SchemaShape[]): SchemaShape {
  const types = options.flatMap((option) => (option.kind === "leaf" ? [option.type] : []));
  const isFlat = types.length === options.length && types.every((type) => type.form === "one");
  const mark = types.find((type) => type.mark !== undefined)?.mark;
  if (!isFlat) return leaf({ accepts: nothing, form: "opaque", mark });
  return leaf({ accepts: new Set(types.flatMap((type) => [...type.accepts])), form: "one", mark });
}

function primitives(schema: z.ZodType): LeafType["accepts"] {
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat) return new Set(["string"]);
  if (schema instanceof z.ZodNumber) return new Set(["number"]);
  if (schema instanceof z.ZodBoolean) return new Set(["boolean"]);
  if (schema instanceof z.ZodEnum) return new Set(["string"]);
  if (schema instanceof z.ZodTemplateLiteral) return new Set(["string"]);
  if (schema instanceof z.ZodLiteral)
    return new Set([...schema.values].map(literalType).filter((type) => type !== undefined));
  return nothing;
}

function literalType(value: unknown): "boolean" | "number" | "string" | undefined {
  const type = typeof value;
  return type === "boolean" || type === "number" || type === "string" ? type : undefined;
}

/** A leaf's place below its section: ["probe", "enabled"]. Leaves of lists of tables are not among them. */
export interface Leaf {
  readonly path: readonly string[];
  readonly type: LeafType;
}

/** Every leaf that has one fixed path, in the order of the schema. */
export function leavesOf(shape: SchemaShape, path: readonly string[] = []): readonly Leaf[] {
  switch (shape.kind) {
    case "leaf":
      return [{ path, type: shape.type }];
    case "tables":
      return [];
    case "table":
      return [...shape.keys].flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
  }
}

/** The shape at `path`, where numbers index lists of tables; undefined when the schema has nothing there. */
export function shapeAt(shape: SchemaShape, path: readonly PropertyKey[]): SchemaShape | undefined {
  let current: SchemaShape | undefined = shape;
  for (const step of path) {
    if (current?.kind === "table" && typeof step === "string") current = current.keys.get(step);
    else if (current?.kind === "tables" && typeof step === "number") current = current.item;
    // A step into a list of plain values stays at the leaf that is the list.
    else if (current?.kind !== "leaf") return undefined;
  }
  return current;
}

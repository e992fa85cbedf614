/**
 * How a schema of ours says what kind of text it takes, so that the loader can parse an environment variable for it and
 * knows what not to show. The mark travels with the schema through `default`, `optional` and `refine`.
 */
import type { z } from "zod";

export type MarkedLeaf = "duration" | "secret";

const key = "ropewalkLeaf";

/** Metadata for zod's `.meta()`. */
export function leafMark(leaf: MarkedLeaf): Readonly<Record<string, MarkedLeaf>> {
  return { [key]: leaf };
}

/** The mark of `schema`, when it has one. */
export function markOf(schema: z.ZodType): MarkedLeaf | undefined {
  const mark = schema.meta()?.[key];
  return mark === "duration" || mark === "secret" ? mark : undefined;
}

/** How a node says no over HTTP: RFC 9457 documents with a closed set of codes. */
import { z } from "zod";

export const problemMediaType = "application/problem+json";

/** Each code has one HTTP status and one title. */
export const problems = {
  "bad-request": { status: 400, title: "The request cannot be read" },
  forbidden: { status: 403, title: "Not allowed" },
  "not-found": { status: 404, title: "No such thing" },
  "method-not-allowed": { status: 405, title: "Wrong method" },
  "length-required": { status: 411, title: "The body does not say its length" },
  "too-large": { status: 413, title: "The body is too large" },
  "config-invalid": { status: 409, title: "The configuration has faults and was not applied" },
  refused: { status: 409, title: "It cannot be done now" },
  "too-busy": { status: 503, title: "Too many readers" },
  draining: { status: 503, title: "Stopping" },
  internal: { status: 500, title: "A defect in Ropewalk" },
} as const;

export type ProblemCode = keyof typeof problems;

/** One thing that is wrong with the configuration. */
export interface FaultDocument {
  /** Dotted path with indexes: "backhaul.uplink[1].metered". */
  readonly path: string;
  /** The value as written; null when it is absent or must not be shown. */
  readonly value: string | null;
  readonly reason: string;
}

/** RFC 9457 §3.1; `type` is left out, which means "about:blank" (§3.1.1). */
export interface ProblemDocument {
  readonly status: number;
  readonly title: string;
  readonly code: ProblemCode;
  /** What happened, to what, and what to do. */
  readonly detail: string;
  readonly faults?: readonly FaultDocument[];
}

export function problemDocument(code: ProblemCode, detail: string, faults?: readonly FaultDocument[]): ProblemDocument {
  const { status, title } = problems[code];
  return { status, title, code, detail, ...(faults === undefined ? {} : { faults }) };
}

/** For readers of the API. */
export const problemSchema: z.ZodType<ProblemDocument> = z.object({
  status: z.int(),
  title: z.string(),
  code: z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]]),
  detail: z.string(),
  faults: z.array(z.object({ path: z.string(), value: z.string().nullable(), reason: z.string() })).exactOptional(),
});

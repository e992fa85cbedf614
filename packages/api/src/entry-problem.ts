/** How entry says no over HTTP: RFC 9457 documents with a closed set of codes, each with one status. Programs decide by the code, never by the detail. */
import { z } from "zod";

export const entryProblems = {
  "bad-request": { status: 400, title: "The request cannot be read" },
  "key-needed": { status: 400, title: "A change needs an Idempotency-Key" },
  unauthenticated: { status: 401, title: "It is not known who asks" },
  forbidden: { status: 403, title: "Not allowed" },
  "not-found": { status: 404, title: "No such thing" },
  "unknown-customer": { status: 404, title: "No such customer" },
  "unknown-device": { status: 404, title: "No such device" },
  "unknown-session": { status: 404, title: "No such session" },
  "unknown-node": { status: 404, title: "No such node" },
  "no-session": { status: 404, title: "There is no session" },
  "under-way": { status: 409, title: "The same change is under way" },
  "customer-closed": { status: 409, title: "The customer is closed" },
  "public-key-taken": { status: 409, title: "The public key is in use" },
  "too-many-devices": { status: 409, title: "The customer has as many devices as one may have" },
  "name-taken": { status: 409, title: "The name is in use" },
  "session-exists": { status: 409, title: "The customer has a session" },
  "session-key-reused": { status: 409, title: "A key that was replaced was used again" },
  "not-now": { status: 409, title: "It cannot be done now" },
  "no-node": { status: 409, title: "No node can take the session" },
  "too-large": { status: 413, title: "The body is too large" },
  "unsupported-media-type": { status: 415, title: "The body is not JSON" },
  "key-of-another": { status: 422, title: "The Idempotency-Key was used for another request" },
  "not-a-public-key": { status: 422, title: "The public key is none" },
  "too-many-requests": { status: 429, title: "Too many requests" },
  "headers-too-large": { status: 431, title: "The headers are too large" },
  internal: { status: 500, title: "A defect in Ropewalk" },
  "node-refused": { status: 502, title: "The node refused the session" },
  unavailable: { status: 503, title: "It cannot be answered now" },
  unsure: { status: 503, title: "Whether it was done is not known" },
  "node-silent": { status: 504, title: "The node did not answer in time" },
} as const;

export type EntryProblemCode = keyof typeof entryProblems;

/** What is wrong with one part of a request. */
export interface RequestFault {
  /** "body.publicKey", "query.limit", "header.idempotency-key". */
  readonly at: string;
  readonly reason: string;
}

/** Why no node was chosen: to customers by region, to admins by node. */
export interface NoNodeReasons {
  readonly regions?: Readonly<Record<string, string>>;
  readonly nodes?: readonly { readonly id: string; readonly reason: string }[];
}

/** RFC 9457 §3.1; `type` is left out, which means "about:blank" (§3.1.1). */
export interface EntryProblemDocument {
  readonly status: number;
  readonly title: string;
  readonly code: EntryProblemCode;
  /** What happened, to what, and what to do. */
  readonly detail: string;
  readonly faults?: readonly RequestFault[];
  readonly reasons?: NoNodeReasons;
}

export function entryProblem(
  code: EntryProblemCode,
  detail: string,
  more: Pick<EntryProblemDocument, "faults" | "reasons"> = {},
): EntryProblemDocument {
  const { status, title } = entryProblems[code];
  return { status, title, code, detail, ...more };
}

export const entryProblemSchema: z.ZodType<EntryProblemDocument> = z.object({
  status: z.int(),
  title: z.string(),
  code: z.enum(Object.keys(entryProblems) as [EntryProblemCode, ...EntryProblemCode[]]),
  detail: z.string(),
  faults: z.array(z.object({ at: z.string(), reason: z.string() })).exactOptional(),
  reasons: z
    .object({
      regions: z.record(z.string(), z.string()).exactOptional(),
      nodes: z.array(z.object({ id: z.string(), reason: z.string() })).exactOptional(),
    })
    .exactOptional(),
});

/** Writes what the server itself refuses as the API's problem documents, so that a client reads one kind of "no". */
import { type ProblemCode, problemDocument, problemMediaType } from "@ropewalk/api/problem";
import type { Refusal, RefusalDocument } from "@ropewalk/ops/guarded-server";

const codes: Readonly<Record<Refusal["status"], ProblemCode>> = {
  400: "bad-request",
  403: "forbidden",
  411: "length-required",
  413: "too-large",
  500: "internal",
};

export function describeRefusal({ status, reason }: Refusal): RefusalDocument {
  return { contentType: problemMediaType, body: `${JSON.stringify(problemDocument(codes[status], reason))}\n` };
}

/** Whatever goes wrong becomes one document of the closed set. What is not foreseen is a defect: its reason is for the log, and nobody else. */
import { problemMediaType } from "@ropewalk/api/problem";
import type { FastifyError, FastifyReply } from "fastify";
import { EntryError } from "../errors.ts";
import { ProblemError, problemOf } from "./problem-error.ts";

/** What Fastify itself says no to, by its codes. */
const ofFastify: Readonly<Record<string, ProblemError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: new ProblemError("too-large", "the body is larger than 16 KiB"),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: new ProblemError("unsupported-media-type", "send `Content-Type: application/json`"),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: new ProblemError("bad-request", "the body is not as long as Content-Length says"),
  FST_ERR_BAD_URL: new ProblemError("bad-request", "the address cannot be read"),
  FST_ERR_MAX_PARAM_LENGTH: new ProblemError("not-found", "there is nothing at this address"),
};

/** `onDefect` is told what no caller is. */
export function problemFor(error: unknown, onDefect: (error: unknown) => void): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof EntryError) {
    const problem = problemOf(error);
    if (problem !== undefined) return problem;
  }
  const { code = "", statusCode } = (error ?? {}) as Partial<FastifyError>;
  const known = ofFastify[code];
  if (known !== undefined) return known;
  // The rest of what Fastify refuses while it reads a request.
  if (code.startsWith("FST_") && statusCode === 400)
    return new ProblemError("bad-request", "the request cannot be read");
  onDefect(error);
  return new ProblemError("internal", "it failed for a reason that is in entry's log");
}

export function sendProblem(reply: FastifyReply, { document, retryAfter }: ProblemError): FastifyReply {
  if (retryAfter !== undefined) reply.header("retry-after", String(Math.max(1, Math.ceil(retryAfter))));
  if (document.code === "unauthenticated") reply.header("www-authenticate", 'Bearer realm="ropewalk-entry"');
  return reply.code(document.status).type(problemMediaType).send(JSON.stringify(document));
}

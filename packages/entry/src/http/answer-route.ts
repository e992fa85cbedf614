/** How one route is answered: its parts are read by its schemas, a change is claimed, and what goes out holds what its schema names and no more. */
import { type Clock, withDeadline } from "@ropewalk/kernel/clock";
import type { Millis } from "@ropewalk/kernel/units";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import { readChangeKey } from "../pure/http/change-key.ts";
import type { AnswersUnderWay } from "./answers-under-way.ts";
import type { Answer, ChangeAnswers } from "./change-answers.ts";
import { ChangeSecrets, requestHash } from "./change-secrets.ts";
import { type Caller, callerName } from "./policy.ts";
import { ProblemError } from "./problem-error.ts";
import type { DocumentRoute, Route, RouteRequest } from "./route.ts";

/** A body as it came, and what it says. */
export interface ReadBody {
  readonly octets: Uint8Array;
  readonly value: unknown;
}

export interface AnswerDeps {
  readonly clock: Clock;
  readonly changes: ChangeAnswers;
  readonly answerWithin: Millis;
  readonly underWay: AnswersUnderWay;
}

const noBody: ReadBody = { octets: new Uint8Array(), value: undefined };

export async function answerRoute(
  route: Exclude<Route, DocumentRoute>,
  request: FastifyRequest,
  caller: Caller,
  deps: AnswerDeps,
): Promise<Answer> {
  const body = (request.body as ReadBody | undefined) ?? noBody;
  const parts = readParts(route, request, body);
  using limit = deps.underWay.begin();
  const read: RouteRequest<unknown, unknown, unknown> = { ...parts, caller, signal: limit.signal };
  const overrun = () => {
    const error = new ProblemError("unsure", "it took too long: ask again with the same Idempotency-Key", {
      retryAfter: 1,
    });
    limit.abort(error);
    return error;
  };
  const within = (work: Promise<unknown>) =>
    withDeadline(deps.clock, "answer to a request", deps.answerWithin, work, overrun);
  if (route.kind === "read") {
    return { ...written(route, await within(route.answer(read))), isReplayed: false };
  }
  const secrets = secretsOf(request, caller, body);
  return await deps.changes.run(secrets, async (isAgain) =>
    written(route, await within(route.answer(read, { secrets, isAgain }))),
  );
}

export function sendAnswer(reply: FastifyReply, { status, body, isReplayed }: Answer): FastifyReply {
  if (isReplayed) reply.header("idempotency-replayed", "true");
  reply.code(status);
  if (body === "") return reply.send();
  const type = status < 400 ? "application/json; charset=utf-8" : "application/problem+json";
  return reply.type(type).send(body);
}

function secretsOf(request: FastifyRequest, caller: Caller, body: ReadBody): ChangeSecrets {
  const given = request.raw.headersDistinct["idempotency-key"];
  const read = readChangeKey(given?.length === 1 ? given[0] : given);
  if (read.kind === "fault")
    throw new ProblemError("key-needed", read.reason, {
      faults: [{ at: "header.idempotency-key", reason: read.reason }],
    });
  const asked = { method: request.method, target: request.url, caller: callerName(caller), body: body.octets };
  return new ChangeSecrets(read.key, requestHash(asked));
}

function readParts(route: Route, { params, query }: FastifyRequest, { octets, value }: ReadBody) {
  const faults: { at: string; reason: string }[] = [];
  const read = (name: string, schema: z.ZodType | undefined, given: unknown): unknown => {
    const result = schema?.safeParse(given);
    if (result === undefined || result.success) return result?.data;
    for (const { path, message } of result.error.issues.slice(0, 16))
      faults.push({ at: [name, ...path].join("."), reason: message });
    return undefined;
  };
  const parts = {
    params: read("params", route.params, params),
    query: read("query", route.query, query),
    body: read("body", route.body, value),
  };
  if (route.body === undefined && octets.length > 0) faults.push({ at: "body", reason: "none is expected" });
  if (faults.length > 0)
    throw new ProblemError("bad-request", "a part of the request is not as it should be", { faults });
  return parts;
}

function written(route: Route, result: unknown): { readonly status: number; readonly body: string } {
  if (route.result === undefined) return { status: 204, body: "" };
  return { status: route.status ?? 200, body: JSON.stringify(route.result.parse(result)) };
}

/**
 * The typed client of a node's API. It runs wherever there is a function like `fetch`: a browser, Node,
 * or a transport over a Unix socket. It trusts nothing that it has not checked against the contract.
 */
import type { z } from "zod";
import { ApiError } from "./errors.ts";
import { EventStreamReader } from "./event-stream-reader.ts";
import { type NodeEvent, nodeEventSchema } from "./events.ts";
import { type ExplanationDocument, explanationSchema } from "./explanation.ts";
import { type DecisionsDocument, type NodeStatus, type ReloadDocument, routes, type UplinkDocument } from "./http.ts";
import { decisionsSchema, nodeStatusSchema, reloadSchema, uplinkSchema } from "./http-schema.ts";
import { type PlanDocument, planSchema } from "./plan.ts";
import { problemSchema } from "./problem.ts";
import { type OrderVerb, type SteeringDocument, type SteeringVerb, steeringSchema } from "./steering.ts";

/** The part of `fetch` that the client uses. Rejects when the node cannot be reached; that error passes through. */
export type FetchLike = (url: string, init: FetchInit) => Promise<FetchAnswer>;

export interface FetchInit {
  readonly method: "GET" | "POST";
  readonly headers: Record<string, string>;
  readonly signal: AbortSignal;
}

export interface FetchAnswer {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array> | null;
}

export interface NodeClient {
  status(signal: AbortSignal): Promise<NodeStatus>;
  uplink(id: string, signal: AbortSignal): Promise<UplinkDocument>;
  explanation(signal: AbortSignal): Promise<ExplanationDocument>;
  plan(signal: AbortSignal): Promise<PlanDocument>;
  /** What was decided with the order; undefined `id` releases all. Else as `steer`. */
  order(verb: OrderVerb, id: string | undefined, signal: AbortSignal): Promise<DecisionsDocument>;
  /** Over the Unix socket only. Rejects with API_REFUSED and the reason when it cannot be. */
  steer(verb: SteeringVerb, signal: AbortSignal): Promise<SteeringDocument>;
  /** Over the Unix socket only. Rejects with API_REFUSED and the faults when the file has any. */
  reloadConfig(signal: AbortSignal): Promise<ReloadDocument>;
  /** Ends when the node ends the stream; rejects when the connection breaks or the signal aborts. */
  events(signal: AbortSignal, after?: string): AsyncGenerator<ReceivedEvent, void, undefined>;
}

export interface ReceivedEvent {
  /** To be handed back as `after` when the stream is opened again. */
  readonly id: string;
  readonly event: NodeEvent;
}

const largestAnswer = 32 * 1024 * 1024;

/** `baseUrl` has no slash at its end: "http://127.0.0.1:7410". All methods reject with ApiError or the transport's own error. */
export function createNodeClient(fetchLike: FetchLike, baseUrl: string): NodeClient {
  const ask = async <T>(method: "GET" | "POST", path: string, schema: z.ZodType<T>, signal: AbortSignal) => {
    const answer = await fetchLike(baseUrl + path, { method, headers: { accept: "application/json" }, signal });
    return parseDocument(schema, await readAnswer(answer), path);
  };
  return {
    status: (signal) => ask("GET", routes.status, nodeStatusSchema, signal),
    uplink: (id, signal) => ask("GET", routes.uplink + encodeURIComponent(id), uplinkSchema, signal),
    explanation: (signal) => ask("GET", routes.explanation, explanationSchema, signal),
    plan: (signal) => ask("GET", routes.plan, planSchema, signal),
    order: (verb, id, signal) => ask("POST", orderPath(verb, id), decisionsSchema, signal),
    steer: (verb, signal) => ask("POST", routes.steering + verb, steeringSchema, signal),
    reloadConfig: (signal) => ask("POST", routes.configReload, reloadSchema, signal),
    async *events(signal, after) {
      const headers = { accept: "text/event-stream", ...(after === undefined ? {} : { "last-event-id": after }) };
      const answer = await fetchLike(baseUrl + routes.events, { method: "GET", headers, signal });
      if (answer.status !== 200) await readAnswer(answer);
      const reader = new EventStreamReader();
      for await (const chunk of answer.body ?? []) {
        for (const { id, data } of reader.push(chunk)) {
          yield { id, event: parseDocument(nodeEventSchema, data, routes.events) };
        }
      }
    },
  };
}

function orderPath(verb: OrderVerb, id: string | undefined): string {
  return id === undefined ? routes.uplink + verb : `${routes.uplink}${encodeURIComponent(id)}/${verb}`;
}

/** The text of a good answer; throws API_REFUSED for a problem document and API_UNREADABLE for any other failure. */
async function readAnswer(answer: FetchAnswer): Promise<string> {
  const body = await readText(answer.body ?? []);
  if (answer.status >= 200 && answer.status < 300) return body;
  const problem = problemSchema.safeParse(tryJson(body));
  if (problem.success) throw new ApiError("API_REFUSED", problem.data.detail, { problem: problem.data });
  throw new ApiError(
    "API_UNREADABLE",
    `the answer has status ${answer.status} and says nothing that a Ropewalk node says`,
  );
}

async function readText(body: AsyncIterable<Uint8Array> | readonly Uint8Array[]): Promise<string> {
  const decoder = new TextDecoder();
  let size = 0;
  let text = "";
  for await (const chunk of body) {
    size += chunk.length;
    if (size > largestAnswer) {
      throw new ApiError("API_TOO_LARGE", `the answer is larger than ${largestAnswer} bytes; this is no Ropewalk node`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parseDocument<T>(schema: z.ZodType<T>, text: string, path: string): T {
  const parsed = schema.safeParse(tryJson(text));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? "the document" : issue.path.join(".");
  throw new ApiError(
    "API_UNREADABLE",
    `${path} answered with something else than this version knows (${where}: ${issue?.message ?? "not JSON"}); use the same version of Ropewalk on both sides`,
    { cause: parsed.error },
  );
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

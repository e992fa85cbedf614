/**
 * Asks a daemon over whatever is like `fetch`, and trusts nothing that it has not checked against the contract. The clients of
 * the daemons differ in their paths and documents alone.
 */
import type { z } from "zod";
import { ApiError } from "./errors.ts";
import { EventStreamReader } from "./event-stream-reader.ts";
import { problemSchema } from "./problem.ts";

/** The part of `fetch` that the clients use. Rejects when the daemon cannot be reached; that error passes through. */
export type FetchLike = (url: string, init: FetchInit) => Promise<FetchAnswer>;

export interface FetchInit {
  readonly method: "GET" | "POST";
  readonly headers: Record<string, string>;
  /** JSON; whoever sends it says how long it is. */
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface FetchAnswer {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array> | null;
}

export interface Received<Event> {
  /** To be handed back as `after` when the stream is opened again. */
  readonly id: string;
  readonly event: Event;
}

export interface Asker {
  /** `body`: the document that is sent along. */
  ask<T>(method: "GET" | "POST", path: string, schema: z.ZodType<T>, signal: AbortSignal, body?: object): Promise<T>;
  /** Ends when the daemon ends the stream; rejects when the connection breaks or the signal aborts. */
  events<Event>(
    path: string,
    schema: z.ZodType<Event>,
    signal: AbortSignal,
    after: string | undefined,
  ): AsyncGenerator<Received<Event>, void, undefined>;
}

const largestAnswer = 32 * 1024 * 1024;

/** `baseUrl` has no slash at its end: "http://127.0.0.1:7410". All methods reject with ApiError or the transport's own error. */
export function createAsker(fetchLike: FetchLike, baseUrl: string): Asker {
  return {
    async ask(method, path, schema, signal, body) {
      const headers = { accept: "application/json" };
      const sent =
        body === undefined
          ? { headers }
          : { headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) };
      const answer = await fetchLike(baseUrl + path, { method, ...sent, signal });
      return parseDocument(schema, await readAnswer(answer), path);
    },
    async *events(path, schema, signal, after) {
      const headers = { accept: "text/event-stream", ...(after === undefined ? {} : { "last-event-id": after }) };
      const answer = await fetchLike(baseUrl + path, { method: "GET", headers, signal });
      if (answer.status !== 200) await readAnswer(answer);
      const reader = new EventStreamReader();
      for await (const chunk of answer.body ?? []) {
        for (const { id, data } of reader.push(chunk)) yield { id, event: parseDocument(schema, data, path) };
      }
    },
  };
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

/**
 * Answers the requests of a daemon's local API: what changes something by `changes.ts`, what is not
 * for everybody by `confidential.ts`, and the rest with what there is.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { EventStream } from "@ropewalk/ops/event-stream";
import type { RequestHandler } from "@ropewalk/ops/guarded-server";
import type { OperationsHandler } from "@ropewalk/ops/http-operations";
import { type Answer, problem, send } from "./answer.ts";
import { type Changes, changeAnswer, type MayChange } from "./changes.ts";
import { type Confidential, keptFrom } from "./confidential.ts";
import { RequestBodies } from "./request-body.ts";

/** What one daemon has to say. */
export interface LocalApi {
  /** What is at a path to be read; undefined where there is nothing. */
  readonly read: (path: string) => Answer | undefined;
  /** Where its events are. */
  readonly eventsPath: string;
  readonly stream: Pick<EventStream<never>, "open" | "readers">;
  readonly changes: Changes;
  readonly confidential?: Confidential;
  readonly operations: OperationsHandler;
  /** All paths there are, for who asks for another. */
  readonly paths: readonly string[];
  readonly onDefect: (error: unknown) => void;
}

export function createApiHandler(api: LocalApi, mayChange: MayChange): RequestHandler {
  const { changes, confidential, operations, eventsPath, stream, onDefect } = api;
  const bodies = new RequestBodies();
  return (request, response, exchange) => {
    if (operations(request, response)) return;
    const [path = "", query = ""] = (request.url ?? "").split("?", 2);
    const answer = (work: Promise<Answer>) => {
      const failed = (error: unknown) => {
        onDefect(error);
        return problem("internal", "The log of the node says more.");
      };
      void work.catch(failed).then((document) => send(response, document));
    };
    const follow = (events: LocalApi["stream"]) => {
      exchange.asStream();
      openStream(request, response, events);
    };
    if (changes.isChange(path, request.method)) {
      answer(changeAnswer(request, path, { changes, bodies }, mayChange));
    } else if (request.method !== "GET" && request.method !== "HEAD") {
      send(response, { ...problem("method-not-allowed", `${path} answers GET and HEAD only.`), allow: "GET, HEAD" });
    } else if (confidential?.holds(path) === true) {
      const refusal = keptFrom(request, mayChange);
      const isStream = path === confidential.eventsPath && request.method === "GET";
      if (refusal !== undefined) send(response, refusal);
      else if (isStream && confidential.stream !== undefined) follow(confidential.stream);
      else answer(confidentialAnswer(path, query, confidential, api));
    } else if (path === eventsPath && request.method === "GET") {
      follow(stream);
    } else if (path === eventsPath) {
      send(response, { ...problem("method-not-allowed", "A stream has no HEAD."), allow: "GET" });
    } else send(response, api.read(path) ?? nothingAt(path, api));
  };
}

async function confidentialAnswer(path: string, query: string, { read }: Confidential, api: LocalApi): Promise<Answer> {
  return (await read(path, new URLSearchParams(query))) ?? nothingAt(path, api);
}

function nothingAt(path: string, { paths }: LocalApi): Answer {
  return problem("not-found", `There is no ${path}. There are: ${paths.join(" ")}`);
}

function openStream(request: IncomingMessage, response: ServerResponse, stream: LocalApi["stream"]): void {
  const last = request.headers["last-event-id"];
  if (stream.open(response, typeof last === "string" ? last : undefined)) return;
  send(response, problem("too-busy", `${stream.readers} readers follow the events already; end one of them.`));
}

/** Answers the requests of a daemon's local API: what reads, what changes something by `changes.ts`, and the rest with what there is. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { EventStream } from "@ropewalk/ops/event-stream";
import type { RequestHandler } from "@ropewalk/ops/guarded-server";
import type { OperationsHandler } from "@ropewalk/ops/http-operations";
import { type Answer, problem, send } from "./answer.ts";
import { type Changes, changeAnswer, type MayChange } from "./changes.ts";

/** What one daemon has to say. */
export interface LocalApi {
  /** What is at a path to be read; undefined where there is nothing. */
  readonly read: (path: string) => Answer | undefined;
  /** Where its events are. */
  readonly eventsPath: string;
  readonly stream: Pick<EventStream<never>, "open" | "readers">;
  readonly changes: Changes;
  readonly operations: OperationsHandler;
  /** All paths there are, for who asks for another. */
  readonly paths: readonly string[];
  readonly onDefect: (error: unknown) => void;
}

export function createApiHandler(api: LocalApi, mayChange: MayChange): RequestHandler {
  const { changes, operations, eventsPath, stream, onDefect } = api;
  return (request, response, exchange) => {
    if (operations(request, response)) return;
    const [path = ""] = (request.url ?? "").split("?", 1);
    if (changes.isChange(path, request.method)) {
      void changeAnswer(request, path, changes, mayChange)
        .catch((error: unknown) => {
          onDefect(error);
          return problem("internal", "The log of the node says more.");
        })
        .then((answer) => send(response, answer));
    } else if (request.method !== "GET" && request.method !== "HEAD") {
      send(response, { ...problem("method-not-allowed", `${path} answers GET and HEAD only.`), allow: "GET, HEAD" });
    } else if (path === eventsPath && request.method === "GET") {
      exchange.asStream();
      openStream(request, response, stream);
    } else if (path === eventsPath) {
      send(response, { ...problem("method-not-allowed", "A stream has no HEAD."), allow: "GET" });
    } else send(response, api.read(path) ?? nothingAt(path, api));
  };
}

function nothingAt(path: string, { paths }: LocalApi): Answer {
  return problem("not-found", `There is no ${path}. There are: ${paths.join(" ")}`);
}

function openStream(request: IncomingMessage, response: ServerResponse, stream: LocalApi["stream"]): void {
  const last = request.headers["last-event-id"];
  if (stream.open(response, typeof last === "string" ? last : undefined)) return;
  send(response, problem("too-busy", `${stream.readers} readers follow the events already; end one of them.`));
}

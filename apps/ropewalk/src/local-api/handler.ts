/** Answers the requests of the local API: what reads here, what changes something by `changes.ts`, and the rest with what there is. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { NodeEvent } from "@ropewalk/api/events";
import type { ExplanationDocument } from "@ropewalk/api/explanation";
import { type NodeStatus, routes, type UplinkDocument } from "@ropewalk/api/http";
import type { PlanDocument } from "@ropewalk/api/plan";
import type { EventStream } from "@ropewalk/ops/event-stream";
import type { RequestHandler } from "@ropewalk/ops/guarded-server";
import type { OperationsHandler } from "@ropewalk/ops/http-operations";
import { type Answer, good, problem, send } from "./answer.ts";
import { type ChangeDeps, changeAnswer, isChange, type MayChange } from "./changes.ts";
import { decodeSegment } from "./path-segment.ts";

export interface ApiDeps extends ChangeDeps {
  readonly status: () => NodeStatus;
  readonly uplink: (id: string) => UplinkDocument | undefined;
  readonly explanation: () => ExplanationDocument;
  readonly plan: () => PlanDocument;
  readonly stream: EventStream<NodeEvent>;
  readonly operations: OperationsHandler;
  readonly onDefect: (error: unknown) => void;
}

export function createApiHandler(deps: ApiDeps, mayChange: MayChange): RequestHandler {
  return (request, response, exchange) => {
    if (deps.operations(request, response)) return;
    const [path = ""] = (request.url ?? "").split("?", 1);
    if (isChange(path, request.method)) {
      void changeAnswer(request, path, deps, mayChange)
        .catch((error: unknown) => {
          deps.onDefect(error);
          return problem("internal", "The log of the node says more.");
        })
        .then((answer) => send(response, answer));
    } else if (request.method !== "GET" && request.method !== "HEAD") {
      send(response, { ...problem("method-not-allowed", `${path} answers GET and HEAD only.`), allow: "GET, HEAD" });
    } else if (path === routes.events && request.method === "GET") {
      exchange.asStream();
      openStream(request, response, deps.stream);
    } else send(response, readAnswer(path, deps));
  };
}

function readAnswer(path: string, deps: ApiDeps): Answer {
  if (path === routes.status) return good(deps.status());
  if (path === routes.explanation) return good(deps.explanation());
  if (path === routes.plan) return good(deps.plan());
  if (path === routes.events) return { ...problem("method-not-allowed", "A stream has no HEAD."), allow: "GET" };
  if (!path.startsWith(routes.uplink)) {
    return problem("not-found", `There is no ${path}. There are: ${Object.values(routes).join(" ")}`);
  }
  const id = decodeSegment(path.slice(routes.uplink.length));
  if (id === undefined) return problem("bad-request", "The id is not percent-encoded UTF-8.");
  const uplink = deps.uplink(id);
  return uplink === undefined
    ? problem("not-found", `There is no uplink with the id "${id}"; ${routes.status} lists them.`)
    : good(uplink);
}

function openStream(request: IncomingMessage, response: ServerResponse, stream: EventStream<NodeEvent>): void {
  const last = request.headers["last-event-id"];
  if (stream.open(response, typeof last === "string" ? last : undefined)) return;
  send(response, problem("too-busy", `${stream.readers} readers follow the events already; end one of them.`));
}

/**
 * Answers the requests of the local API. Whoever reaches it may read; what changes something, the configuration and the wheel,
 * is only for those whom `changes` lets through, which nobody is who did not come over the Unix socket.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { NodeEvent } from "@ropewalk/api/events";
import type { ExplanationDocument } from "@ropewalk/api/explanation";
import { type NodeStatus, routes, type UplinkDocument } from "@ropewalk/api/http";
import type { PlanDocument } from "@ropewalk/api/plan";
import { type ProblemCode, problemDocument, problemMediaType } from "@ropewalk/api/problem";
import { type SteeringDocument, type SteeringVerb, steeringVerbs } from "@ropewalk/api/steering";
import type { EventStream } from "@ropewalk/ops/event-stream";
import type { RequestHandler } from "@ropewalk/ops/guarded-server";
import type { OperationsHandler } from "@ropewalk/ops/http-operations";
import type { ReloadOutcome } from "./reload-outcome.ts";

export interface ApiDeps {
  readonly status: () => NodeStatus;
  readonly uplink: (id: string) => UplinkDocument | undefined;
  readonly explanation: () => ExplanationDocument;
  readonly plan: () => PlanDocument;
  readonly steer: (verb: SteeringVerb) => Promise<SteerOutcome>;
  readonly stream: EventStream<NodeEvent>;
  readonly operations: OperationsHandler;
  readonly onDefect: (error: unknown) => void;
}

type SteerOutcome =
  | { readonly kind: "done"; readonly document: SteeringDocument }
  | { readonly kind: "refused"; readonly reason: string };

/** What may be changed over one server, and by whom. */
export interface Changes {
  readonly mayChange: (request: IncomingMessage) => boolean;
  readonly reload: () => Promise<ReloadOutcome>;
}

/** `changes` is "read-only" for a server that may change nothing. */
export function createApiHandler(deps: ApiDeps, changes: Changes | "read-only"): RequestHandler {
  return (request, response, exchange) => {
    if (deps.operations(request, response)) return;
    const [path = ""] = (request.url ?? "").split("?", 1);
    if (path === routes.configReload || path.startsWith(routes.steering)) {
      void changeAnswer(request, path, deps, changes)
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

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly document: object;
  /** The methods that this path has, when the request had another (RFC 9110 §15.5.6). */
  readonly allow?: string;
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

async function changeAnswer(
  request: IncomingMessage,
  path: string,
  { steer }: ApiDeps,
  changes: Changes | "read-only",
): Promise<Answer> {
  const verb = steeringVerbs.find((one) => path === routes.steering + one);
  if (verb === undefined && path !== routes.configReload) {
    return problem("not-found", `There is no ${path}. There are: ${steeringVerbs.join(", ")}`);
  }
  if (request.method !== "POST") {
    return { ...problem("method-not-allowed", `${path} changes something: send a POST request.`), allow: "POST" };
  }
  if (changes === "read-only") {
    return problem(
      "forbidden",
      "This server only reads. Over the Unix socket it can be done: ropewalk config reload, ropewalk uplink take.",
    );
  }
  if (!changes.mayChange(request)) {
    return problem("forbidden", "Only root, the node's own user and the socket's group may change anything.");
  }
  return verb === undefined ? reloadAnswer(await changes.reload()) : steeringAnswer(await steer(verb));
}

function reloadAnswer(outcome: ReloadOutcome): Answer {
  if (outcome.kind === "applied") return good(outcome.document);
  const document = problemDocument("config-invalid", outcome.detail, outcome.faults);
  return { status: document.status, contentType: problemMediaType, document };
}

function steeringAnswer(outcome: SteerOutcome): Answer {
  return outcome.kind === "done" ? good(outcome.document) : problem("refused", outcome.reason);
}

function good(document: object): Answer {
  return { status: 200, contentType: "application/json; charset=utf-8", document };
}

function problem(code: ProblemCode, detail: string): Answer {
  const document = problemDocument(code, detail);
  return { status: document.status, contentType: problemMediaType, document };
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, { status, contentType, document, allow }: Answer): void {
  const body = `${JSON.stringify(document)}\n`;
  response.writeHead(status, {
    "Content-Type": contentType,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...(allow === undefined ? {} : { Allow: allow }),
  });
  response.end(body);
}

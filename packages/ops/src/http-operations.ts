/** The HTTP answers that every daemon gives to those who run it: whether it lives, is well and ready, and metrics. It reads and never changes. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { describeError } from "@ropewalk/kernel/errors";
import { type HealthRegistry, type HealthSnapshot, isServing } from "./health.ts";
import type { Metrics } from "./metrics.ts";

export interface OperationsDeps {
  readonly health: Pick<HealthRegistry, "snapshot">;
  readonly metrics: Pick<Metrics, "render">;
}

/** Answers the request and returns true, or returns false and leaves it alone when it is for somebody else. */
export type OperationsHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

type Answer = { readonly status: number; readonly contentType: string; readonly body: string };

export function createOperationsHandler(deps: OperationsDeps): OperationsHandler {
  const answers: Readonly<Record<string, () => Promise<Answer>>> = {
    "/healthz": async () => healthAnswer(deps.health.snapshot()),
    "/readyz": async () => readinessAnswer(deps.health.snapshot()),
    "/live": async () => jsonAnswer(200, { live: true }),
    "/ready": async () => readinessAnswer(deps.health.snapshot()),
    "/metrics": () => metricsAnswer(deps.metrics),
    "/metricsz": () => metricsAnswer(deps.metrics),
  };
  return (request, response) => {
    const [path = ""] = (request.url ?? "").split("?", 1);
    const answer = Object.hasOwn(answers, path) ? answers[path] : undefined;
    if (answer === undefined) return false;
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("Allow", "GET, HEAD");
      send(request, response, jsonAnswer(405, { error: "only GET and HEAD are answered here" }));
      return true;
    }
    void answer()
      .catch((error: unknown) => jsonAnswer(500, { error: describeError(error) }))
      .then((given) => send(request, response, given));
    return true;
  };
}

/** Degraded still does its work: a supervisor must not restart it, nor a balancer leave it. */
function healthAnswer(snapshot: HealthSnapshot): Answer {
  return jsonAnswer(isServing(snapshot.state) ? 200 : 503, snapshot);
}

function readinessAnswer(snapshot: HealthSnapshot): Answer {
  const waiting = snapshot.subsystems
    .filter((subsystem) => subsystem.state === null)
    .map((subsystem) => subsystem.name);
  return jsonAnswer(snapshot.ready ? 200 : 503, { ready: snapshot.ready, state: snapshot.state, waiting });
}

async function metricsAnswer(metrics: OperationsDeps["metrics"]): Promise<Answer> {
  const { contentType, body } = await metrics.render();
  return { status: 200, contentType, body };
}

function jsonAnswer(status: number, body: unknown): Answer {
  return { status, contentType: "application/json; charset=utf-8", body: `${JSON.stringify(body)}\n` };
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {
    "Content-Type": answer.contentType,
    "Content-Length": Buffer.byteLength(answer.body),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
  });
  response.end(request.method === "HEAD" ? undefined : answer.body);
}

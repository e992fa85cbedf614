/**
 * The typed client of a node's API. It runs wherever there is a function like `fetch`: a browser, Node,
 * or a transport over a Unix socket. It trusts nothing that it has not checked against the contract.
 */
import { createAsker, type FetchLike, type Received } from "./asking.ts";
import { type NodeEvent, nodeEventSchema } from "./events.ts";
import type { ExplanationDocument } from "./explanation.ts";
import { explanationSchema } from "./explanation-schema.ts";
import { type DecisionsDocument, type NodeStatus, type ReloadDocument, routes, type UplinkDocument } from "./http.ts";
import { decisionsSchema, nodeStatusSchema, reloadSchema, uplinkSchema } from "./http-schema.ts";
import {
  type MeshAnswerDocument,
  type MeshQuestion,
  type MeshRoutesDocument,
  type MeshStatusDocument,
  meshRoutes,
} from "./mesh.ts";
import { meshAnswerSchema, meshRoutesSchema, meshStatusSchema } from "./mesh-schema.ts";
import { type PlanDocument, planSchema } from "./plan.ts";
import { type OrderVerb, type SteeringDocument, type SteeringVerb, steeringSchema } from "./steering.ts";

export interface NodeClient {
  status(signal: AbortSignal): Promise<NodeStatus>;
  uplink(id: string, signal: AbortSignal): Promise<UplinkDocument>;
  explanation(signal: AbortSignal): Promise<ExplanationDocument>;
  plan(signal: AbortSignal): Promise<PlanDocument>;
  /** This and the next two reject with API_REFUSED where the node is part of no mesh. */
  mesh(signal: AbortSignal): Promise<MeshStatusDocument>;
  meshRoutes(signal: AbortSignal): Promise<MeshRoutesDocument>;
  /** Over the Unix socket only; answered within some seconds. */
  meshAsk(question: MeshQuestion, address: string, signal: AbortSignal): Promise<MeshAnswerDocument>;
  /** What was decided with the order; undefined `id` releases all. Else as `steer`. */
  order(verb: OrderVerb, id: string | undefined, signal: AbortSignal): Promise<DecisionsDocument>;
  /** Over the Unix socket only. Rejects with API_REFUSED and the reason when it cannot be. */
  steer(verb: SteeringVerb, signal: AbortSignal): Promise<SteeringDocument>;
  /** Over the Unix socket only. Rejects with API_REFUSED and the faults when the file has any. */
  reloadConfig(signal: AbortSignal): Promise<ReloadDocument>;
  /** Ends when the node ends the stream; rejects when the connection breaks or the signal aborts. */
  events(signal: AbortSignal, after?: string): AsyncGenerator<Received<NodeEvent>, void, undefined>;
}

/** `baseUrl` has no slash at its end: "http://127.0.0.1:7410". All methods reject with ApiError or the transport's own error. */
export function createNodeClient(fetchLike: FetchLike, baseUrl: string): NodeClient {
  const { ask, events } = createAsker(fetchLike, baseUrl);
  return {
    status: (signal) => ask("GET", routes.status, nodeStatusSchema, signal),
    uplink: (id, signal) => ask("GET", routes.uplink + encodeURIComponent(id), uplinkSchema, signal),
    explanation: (signal) => ask("GET", routes.explanation, explanationSchema, signal),
    plan: (signal) => ask("GET", routes.plan, planSchema, signal),
    mesh: (signal) => ask("GET", meshRoutes.status, meshStatusSchema, signal),
    meshRoutes: (signal) => ask("GET", meshRoutes.routes, meshRoutesSchema, signal),
    meshAsk: (question, address, signal) =>
      ask("POST", meshRoutes[question] + encodeURIComponent(address), meshAnswerSchema, signal),
    order: (verb, id, signal) => ask("POST", orderPath(verb, id), decisionsSchema, signal),
    steer: (verb, signal) => ask("POST", routes.steering + verb, steeringSchema, signal),
    reloadConfig: (signal) => ask("POST", routes.configReload, reloadSchema, signal),
    events: (signal, after) => events(routes.events, nodeEventSchema, signal, after),
  };
}

function orderPath(verb: OrderVerb, id: string | undefined): string {
  return id === undefined ? routes.uplink + verb : `${routes.uplink}${encodeURIComponent(id)}/${verb}`;
}

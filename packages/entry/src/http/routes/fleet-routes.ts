/** What admins ask of nodes and sessions. */

import type { NewNodeDocument } from "@ropewalk/api/entry-nodes";
import {
  coreStatusSchema,
  newNodeSchema,
  nodeChangeSchema,
  nodeSchema,
  nodesSchema,
} from "@ropewalk/api/entry-nodes-schema";
import { adminEndedSchema, adminSessionSchema, pageOf, wishSchema } from "@ropewalk/api/entry-schema";
import type { Millis } from "@ropewalk/kernel/units";
import type { NodeId } from "../../pure/node-fitness.ts";
import type { SessionId } from "../../pure/vpn-session.ts";
import type { NodeView, VpnControl } from "../../vpn-control.ts";
import { adminSessionDocument, nodeDocument, nodeStatusDocument } from "../documents.ts";
import { ProblemError } from "../problem-error.ts";
import { changeRoute, type Route, readRoute } from "../route.ts";
import { adminOf, pageById, pageDocument, placeProblem, wishOf, withId } from "./route-parts.ts";

export interface FleetRouteDeps {
  readonly control: VpnControl;
  /** For how long a heartbeat counts. */
  readonly freshness: Millis;
}

const policy = "admin";

export function fleetRoutes(deps: FleetRouteDeps): readonly Route[] {
  return [...nodeRoutes(deps), ...sessionRoutes(deps)];
}

function nodeRoutes({ control, freshness }: FleetRouteDeps): readonly Route[] {
  return [
    readRoute({
      ...{ operation: "listNodes", method: "GET", path: "/v1/admin/nodes", policy },
      summary: "The nodes that are registered",
      result: nodesSchema,
      problems: [],
      answer: async () => ({ nodes: (await control.nodes()).map(nodeDocument) }),
    }),
    changeRoute({
      ...{ operation: "registerNode", method: "POST", path: "/v1/admin/nodes", policy, status: 201 },
      summary: "Registers a node by the name that its certificate has",
      body: newNodeSchema,
      result: nodeSchema,
      problems: ["name-taken"],
      answer: async ({ body, caller }, { isAgain }) => {
        const outcome = await control.registerNode(body, adminOf(caller));
        if (outcome.kind === "registered") return nodeDocument(outcome.node);
        const there = isAgain ? (await control.nodes()).find((node) => isSame(node, body)) : undefined;
        if (there === undefined) throw new ProblemError("name-taken", `there is a node ${body.name} already`);
        return nodeDocument(there);
      },
    }),
    changeRoute({
      ...{ operation: "changeNode", method: "PATCH", path: "/v1/admin/nodes/{id}", policy },
      summary: "Changes where a node is, or whether it takes sessions",
      params: withId,
      body: nodeChangeSchema,
      result: nodeSchema,
      problems: ["unknown-node"],
      answer: async ({ params, body, caller }) => {
        const node = await control.changeNode(params.id as NodeId, body, adminOf(caller));
        if (node === undefined) throw new ProblemError("unknown-node", "there is no such node");
        return nodeDocument(node);
      },
    }),
    readRoute({
      ...{ operation: "coreStatus", method: "GET", path: "/v1/admin/core/status", policy },
      summary: "How each node is, as it told last",
      result: coreStatusSchema,
      problems: [],
      answer: async () => ({ nodes: (await control.nodes()).map((node) => nodeStatusDocument(node, freshness)) }),
    }),
  ];
}

function sessionRoutes({ control }: FleetRouteDeps): readonly Route[] {
  return [
    readRoute({
      ...{ operation: "listSessions", method: "GET", path: "/v1/admin/sessions", policy },
      summary: "Sessions, the newest first",
      query: pageById,
      result: pageOf(adminSessionSchema),
      problems: [],
      answer: async ({ query: { limit, before } }) =>
        pageDocument(await control.list(limit + 1, before as SessionId | undefined), limit, adminSessionDocument),
    }),
    changeRoute({
      ...{ operation: "endAnySession", method: "POST", path: "/v1/admin/sessions/{id}/terminate", policy },
      summary: "Ends a session, whosever it is",
      params: withId,
      result: adminEndedSchema,
      problems: ["unknown-session"],
      answer: async ({ params, caller, signal }) => {
        const outcome = await control.end(params.id as SessionId, undefined, adminOf(caller), signal);
        if (outcome.kind !== "terminated") throw new ProblemError("unknown-session", "there is no such session");
        return { session: adminSessionDocument(outcome.session), isConfirmed: outcome.isConfirmed };
      },
    }),
    changeRoute({
      ...{ operation: "moveAnySession", method: "POST", path: "/v1/admin/sessions/{id}/move", policy },
      summary: "Moves a session, whosever it is, to another node",
      params: withId,
      body: wishSchema,
      result: adminSessionSchema,
      problems: ["unknown-session", "not-now", "no-node", "node-refused", "node-silent"],
      answer: async ({ params, body, caller, signal }) => {
        const outcome = await control.move(params.id as SessionId, undefined, wishOf(body), adminOf(caller), signal);
        switch (outcome.kind) {
          case "active":
            return adminSessionDocument(outcome.session);
          case "unknown-session":
            throw new ProblemError("unknown-session", "there is no such session");
          case "not-now":
            throw new ProblemError("not-now", "it is not active, or is being moved: ask again with a new key");
          default:
            throw placeProblem(outcome);
        }
      },
    }),
  ];
}

/** What this change asks for: it was made by whoever began it and died. */
function isSame(node: NodeView, asked: NewNodeDocument): boolean {
  const isPlaced = node.region === asked.region && node.country === asked.country && node.city === asked.city;
  return node.name === asked.name && isPlaced && (asked.pool === undefined || node.pool === asked.pool);
}

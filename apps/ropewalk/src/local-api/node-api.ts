/** What a node answers over its local API. */

import { broadcastRoutes } from "@ropewalk/api/broadcasts";
import type { NodeEvent } from "@ropewalk/api/events";
import type { ExplanationDocument } from "@ropewalk/api/explanation";
import { type NodeStatus, routes, type UplinkDocument } from "@ropewalk/api/http";
import { meshRoutes } from "@ropewalk/api/mesh";
import { isOfMessages, type MessageEventDocument, messageRoutes } from "@ropewalk/api/messages";
import type { PlanDocument } from "@ropewalk/api/plan";
import type { EventStream } from "@ropewalk/ops/event-stream";
import { type Answer, good, problem } from "./answer.ts";
import type { LocalApi } from "./handler.ts";
import { meshAnswer } from "./mesh-api.ts";
import { type NodeChangeDeps, nodeChanges } from "./node-changes.ts";
import { decodeSegment } from "./path-segment.ts";

export interface NodeApiDeps extends NodeChangeDeps, Pick<LocalApi, "operations" | "onDefect"> {
  readonly status: () => NodeStatus;
  readonly uplink: (id: string) => UplinkDocument | undefined;
  readonly explanation: () => ExplanationDocument;
  readonly plan: () => PlanDocument;
  readonly stream: EventStream<NodeEvent>;
  /** Undefined: the node carries no messages. */
  readonly messageStream: EventStream<MessageEventDocument> | undefined;
}

export function nodeApi(deps: NodeApiDeps): LocalApi {
  const { stream, messageStream, mesh, operations, onDefect } = deps;
  return {
    read: (path) => readAnswer(path, deps),
    eventsPath: routes.events,
    changes: nodeChanges(deps),
    confidential: {
      holds: isOfMessages,
      read: async (path, query) => {
        const { messagesRead } = await import("./messages-api.ts");
        return await messagesRead(path, query, mesh?.messages);
      },
      eventsPath: messageRoutes.events,
      stream: messageStream,
    },
    paths: [
      ...Object.values(routes),
      ...Object.values(meshRoutes),
      ...Object.values(messageRoutes),
      ...Object.values(broadcastRoutes),
    ],
    ...{ stream, operations, onDefect },
  };
}

function readAnswer(path: string, deps: NodeApiDeps): Answer | undefined {
  if (path === routes.status) return good(deps.status());
  if (path === routes.explanation) return good(deps.explanation());
  if (path === routes.plan) return good(deps.plan());
  if (!path.startsWith(routes.uplink)) return meshAnswer(path, deps.mesh);
  const id = decodeSegment(path.slice(routes.uplink.length));
  if (id === undefined) return problem("bad-request", "The id is not percent-encoded UTF-8.");
  const uplink = deps.uplink(id);
  return uplink === undefined
    ? problem("not-found", `There is no uplink with the id "${id}"; ${routes.status} lists them.`)
    : good(uplink);
}

/** What a node lets be changed: who has the wheel, which uplink is used, and which configuration is in force. */

import { isBroadcastAct } from "@ropewalk/api/broadcasts";
import { type DecisionsDocument, routes } from "@ropewalk/api/http";
import { isMessageAct, isOfMessages } from "@ropewalk/api/messages";
import {
  type OrderVerb,
  orderVerbs,
  type SteeringDocument,
  type SteeringVerb,
  steeringVerbs,
} from "@ropewalk/api/steering";
import { type Change, type ChangeOutcome, type Changes, outcomeAnswer, reloadAnswer } from "./changes.ts";
import { type AskedMesh, isMeshQuestion, meshChange } from "./mesh-api.ts";
import type { MessagesHolder } from "./messages-api.ts";
import { decodeSegment } from "./path-segment.ts";
import type { ReloadOutcome } from "./reload-outcome.ts";

export interface NodeChangeDeps {
  readonly reload: () => Promise<ReloadOutcome>;
  readonly steer: (verb: SteeringVerb) => Promise<ChangeOutcome<SteeringDocument>>;
  /** Undefined: the node is part of none. */
  readonly mesh: AskedMesh | undefined;
  readonly order: (verb: OrderVerb, uplinkId: string | undefined) => ChangeOutcome<DecisionsDocument>;
}

export function nodeChanges(deps: NodeChangeDeps): Changes {
  return {
    isChange,
    at: (path) => changeAt(path, deps),
    names: [
      ...steeringVerbs,
      ...orderVerbs,
      "ping",
      "trace",
      "send",
      "broadcast",
      "status",
      "take",
      "withdraw",
      "add",
      "key",
      "remove",
    ],
    commands: "ropewalk config reload, ropewalk uplink take, ropewalk mesh ping, ropewalk mesh send",
  };
}

const noMessages: MessagesHolder = {
  messages: undefined,
  keyOf: () => undefined,
  sendStatus: () => Promise.resolve({ kind: "refused", why: { kind: "no-messages" } }),
};

/** Its code is loaded when somebody asks: most nodes are part of no mesh. */
function messageAct(path: string, holder: MessagesHolder): Change | undefined {
  if (!isMessageAct(path) && !isBroadcastAct(path)) return undefined;
  return async (body) => {
    const { messagesChange } = await import("./messages-api.ts");
    return await messagesChange(path, holder, body);
  };
}

/** Of an uplink and of messages one may also ask how they are. */
function isChange(path: string, method: string | undefined): boolean {
  if (path.startsWith(routes.uplink) || isOfMessages(path)) return method === "POST";
  return path === routes.configReload || path.startsWith(routes.steering) || isMeshQuestion(path);
}

function changeAt(path: string, { reload, steer, order, mesh }: NodeChangeDeps): Change | undefined {
  if (path === routes.configReload) return async () => reloadAnswer(await reload());
  const question = meshChange(path, mesh);
  if (question !== undefined) return question;
  if (isOfMessages(path)) return messageAct(path, mesh ?? noMessages);
  const steering = steeringVerbs.find((verb) => path === routes.steering + verb);
  if (steering !== undefined) return async () => outcomeAnswer(await steer(steering));
  if (path === `${routes.uplink}release`) return () => outcomeAnswer(order("release", undefined));
  const [, segment = "", word] = /^([^/]+)\/([^/]+)$/.exec(path.slice(routes.uplink.length)) ?? [];
  const verb = orderVerbs.find((one) => one === word);
  const id = decodeSegment(segment);
  return verb === undefined || id === undefined ? undefined : () => outcomeAnswer(order(verb, id));
}

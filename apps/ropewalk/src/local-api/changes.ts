/** The requests that change something: each a POST, and only from whom the server lets through. */
import type { IncomingMessage } from "node:http";
import { type DecisionsDocument, routes } from "@ropewalk/api/http";
import { problemDocument } from "@ropewalk/api/problem";
import {
  type OrderVerb,
  orderVerbs,
  type SteeringDocument,
  type SteeringVerb,
  steeringVerbs,
} from "@ropewalk/api/steering";
import { type Answer, good, problem, problemAnswer } from "./answer.ts";
import { decodeSegment } from "./path-segment.ts";
import type { ReloadOutcome } from "./reload-outcome.ts";

export interface ChangeDeps {
  readonly reload: () => Promise<ReloadOutcome>;
  readonly steer: (verb: SteeringVerb) => Promise<ChangeOutcome<SteeringDocument>>;
  readonly order: (verb: OrderVerb, uplinkId: string | undefined) => ChangeOutcome<DecisionsDocument>;
}

type ChangeOutcome<Document> =
  | { readonly kind: "done"; readonly document: Document }
  | { readonly kind: "refused"; readonly reason: string };

/** Whether who sent a request may change anything; "read-only" for a server over which nobody may. */
export type MayChange = ((request: IncomingMessage) => boolean) | "read-only";

/** Of an uplink one may also ask how it is. */
export function isChange(path: string, method: string | undefined): boolean {
  if (path.startsWith(routes.uplink)) return method === "POST";
  return path === routes.configReload || path.startsWith(routes.steering);
}

export async function changeAnswer(
  request: IncomingMessage,
  path: string,
  deps: ChangeDeps,
  mayChange: MayChange,
): Promise<Answer> {
  const change = changeAt(path, deps);
  if (change === undefined) {
    return problem("not-found", `There is no ${path}. There are: ${[...steeringVerbs, ...orderVerbs].join(", ")}`);
  }
  if (request.method !== "POST") {
    return { ...problem("method-not-allowed", `${path} changes something: send a POST request.`), allow: "POST" };
  }
  if (mayChange === "read-only") {
    const how = "Over the Unix socket it can be done: ropewalk config reload, ropewalk uplink take.";
    return problem("forbidden", `This server only reads. ${how}`);
  }
  if (!mayChange(request)) {
    return problem("forbidden", "Only root, the node's own user and the socket's group may change anything.");
  }
  return await change();
}

/** What a POST there does; undefined when there is no such path. */
function changeAt(path: string, { reload, steer, order }: ChangeDeps): (() => Answer | Promise<Answer>) | undefined {
  if (path === routes.configReload) return async () => reloadAnswer(await reload());
  const steering = steeringVerbs.find((verb) => path === routes.steering + verb);
  if (steering !== undefined) return async () => outcomeAnswer(await steer(steering));
  if (path === `${routes.uplink}release`) return () => outcomeAnswer(order("release", undefined));
  const [, segment = "", word] = /^([^/]+)\/([^/]+)$/.exec(path.slice(routes.uplink.length)) ?? [];
  const verb = orderVerbs.find((one) => one === word);
  const id = decodeSegment(segment);
  return verb === undefined || id === undefined ? undefined : () => outcomeAnswer(order(verb, id));
}

function reloadAnswer(outcome: ReloadOutcome): Answer {
  if (outcome.kind === "applied") return good(outcome.document);
  return problemAnswer(problemDocument("config-invalid", outcome.detail, outcome.faults));
}

function outcomeAnswer(outcome: ChangeOutcome<object>): Answer {
  return outcome.kind === "done" ? good(outcome.document) : problem("refused", outcome.reason);
}

/** The requests that change something: each a POST, and only from whom the server lets through. */
import type { IncomingMessage } from "node:http";
import { problemDocument } from "@ropewalk/api/problem";
import { type Answer, good, problem, problemAnswer } from "./answer.ts";
import type { ReloadOutcome } from "./reload-outcome.ts";
import type { ReadBody, RequestBodies } from "./request-body.ts";

/** What a daemon lets be changed over its socket. */
export interface Changes {
  readonly isChange: (path: string, method: string | undefined) => boolean;
  /** What a POST there does; undefined when there is no such path. */
  readonly at: (path: string) => Change | undefined;
  /** All there are, for who asks for another. */
  readonly names: readonly string[];
  /** For who asked over a server that only reads: "ropewalk config reload". */
  readonly commands: string;
}

/** `body`: what came with the request, read by who wants it. */
export type Change = (body: ReadBody) => Answer | Promise<Answer>;

export type ChangeOutcome<Document> =
  | { readonly kind: "done"; readonly document: Document }
  | { readonly kind: "refused"; readonly reason: string };

/** Whether who sent a request may change anything; "read-only" for a server over which nobody may. */
export type MayChange = ((request: IncomingMessage) => boolean) | "read-only";

export async function changeAnswer(
  request: IncomingMessage,
  path: string,
  { changes, bodies }: { readonly changes: Changes; readonly bodies: RequestBodies },
  mayChange: MayChange,
): Promise<Answer> {
  const change = changes.at(path);
  if (change === undefined) {
    return problem("not-found", `There is no ${path}. There are: ${changes.names.join(", ")}`);
  }
  if (request.method !== "POST") {
    return { ...problem("method-not-allowed", `${path} changes something: send a POST request.`), allow: "POST" };
  }
  if (mayChange === "read-only") {
    const how = `Over the Unix socket it can be done: ${changes.commands}.`;
    return problem("forbidden", `This server only reads. ${how}`);
  }
  if (!mayChange(request)) {
    return problem("forbidden", "Only root, the node's own user and the socket's group may change anything.");
  }
  return await change(() => bodies.read(request));
}

export function reloadAnswer(outcome: ReloadOutcome): Answer {
  if (outcome.kind === "applied") return good(outcome.document);
  return problemAnswer(problemDocument("config-invalid", outcome.detail, outcome.faults));
}

export function outcomeAnswer(outcome: ChangeOutcome<object>): Answer {
  return outcome.kind === "done" ? good(outcome.document) : problem("refused", outcome.reason);
}

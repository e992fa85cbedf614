/** What is read by those alone who may change things: nobody else reads another's letters. */
import type { IncomingMessage } from "node:http";
import type { EventStream } from "@ropewalk/ops/event-stream";
import { type Answer, problem } from "./answer.ts";
import type { MayChange } from "./changes.ts";

export interface Confidential {
  readonly holds: (path: string) => boolean;
  /** Undefined where there is nothing at that path. */
  readonly read: (path: string, query: URLSearchParams) => Promise<Answer | undefined>;
  readonly eventsPath: string;
  /** Undefined: there is none, and `read` says why. */
  readonly stream: Pick<EventStream<never>, "open" | "readers"> | undefined;
}

/** Why it is kept from who asks; undefined: he may have it. */
export function keptFrom(request: IncomingMessage, mayChange: MayChange): Answer | undefined {
  if (mayChange === "read-only") return problem("forbidden", "This is read over the Unix socket alone.");
  if (mayChange(request)) return undefined;
  return problem("forbidden", "Only root, the own user of this program and the group of its socket may read this.");
}

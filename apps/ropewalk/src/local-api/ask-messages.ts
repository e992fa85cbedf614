/** Asks the node that runs here about messages. */
import { createMessagingClient, type MessagingClient } from "@ropewalk/api/messages-client";
import type { CommandContext } from "../command-context.ts";
import { socketCandidates } from "../paths.ts";
import { askFirst, type Connected } from "./connect.ts";
import { withRefusals } from "./refusals.ts";

/** Throws as `askFirst`; APP_REFUSED, APP_PERMISSION. */
export function askMessages<T>(
  context: Pick<CommandContext, "environment" | "user" | "program">,
  ask: (client: MessagingClient, signal: AbortSignal) => Promise<T>,
): Promise<Connected<T, MessagingClient>> {
  const nodes = {
    sockets: socketCandidates(context),
    clientOf: createMessagingClient,
    start: `${context.program} up`,
  };
  return withRefusals(askFirst(nodes, ask));
}

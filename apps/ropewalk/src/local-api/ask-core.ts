/** Finds the program of the exit node that runs here. */
import { type CoreClient, createCoreClient } from "@ropewalk/api/core-client";
import type { CommandContext } from "../command-context.ts";
import { coreSocketCandidates } from "../paths.ts";
import { askFirst, type Connected } from "./connect.ts";
import { withRefusals } from "./refusals.ts";

/** Throws as `askFirst`; APP_REFUSED, APP_PERMISSION. */
export function askCore<T>(
  context: Pick<CommandContext, "environment" | "user" | "program">,
  ask: (client: CoreClient, signal: AbortSignal) => Promise<T>,
): Promise<Connected<T, CoreClient>> {
  const exits = {
    sockets: coreSocketCandidates(context),
    clientOf: createCoreClient,
    start: `${context.program} core`,
  };
  return withRefusals(askFirst(exits, ask));
}

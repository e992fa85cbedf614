/** Asks the running node to do something with the wheel, and says how things stand then. */
import type { NodeClient } from "@ropewalk/api/client";
import type { SteeringDocument, SteeringVerb } from "@ropewalk/api/steering";
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { askDaemon } from "./connect.ts";
import { withRefusals } from "./refusals.ts";

/** Throws APP_REFUSED with the node's reason, APP_PERMISSION, or what `askDaemon` throws. */
export async function askToSteer(
  context: CommandContext,
  ask: (client: NodeClient, signal: AbortSignal) => Promise<SteeringDocument>,
): Promise<SteeringDocument> {
  const { answer } = await withRefusals(askDaemon(context, ask));
  return answer;
}

export async function steer(
  verb: SteeringVerb,
  { isJson }: { readonly isJson: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const steering = await askToSteer(context, (client, signal) => client.steer(verb, signal));
  context.output.write(`${isJson ? JSON.stringify(steering, undefined, 2) : steering.text}\n`);
  return exitCodes.ok;
}

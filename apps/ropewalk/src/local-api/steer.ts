/** Asks the running node to do something with the wheel, and says how things stand then. */
import type { NodeClient } from "@ropewalk/api/client";
import { ApiError } from "@ropewalk/api/errors";
import type { SteeringDocument, SteeringVerb } from "@ropewalk/api/steering";
import type { CommandContext } from "../command-context.ts";
import { AppError } from "../errors.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { askDaemon } from "./connect.ts";

/** Throws APP_REFUSED with the node's reason, APP_PERMISSION, or what `askDaemon` throws. */
export async function askToSteer(
  context: CommandContext,
  ask: (client: NodeClient, signal: AbortSignal) => Promise<SteeringDocument>,
): Promise<SteeringDocument> {
  const { answer } = await askDaemon(context, ask).catch((error: unknown) => {
    throw asRefusal(error);
  });
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

function asRefusal(error: unknown): unknown {
  if (!(error instanceof ApiError) || error.problem === undefined) return error;
  const { code, detail } = error.problem;
  if (code === "refused") return new AppError("APP_REFUSED", detail);
  return code === "forbidden" ? new AppError("APP_PERMISSION", detail) : error;
}

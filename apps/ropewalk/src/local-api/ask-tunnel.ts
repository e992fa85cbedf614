/** Finds the daemon of the tunnel that a command is about: the one that runs here, or the one of the role that was named. */
import { createTunnelClient, type TunnelClient } from "@ropewalk/api/tunnel-client";
import type { CommandContext } from "../command-context.ts";
import type { GivenArguments } from "../command-line/command.ts";
import { AppError } from "../errors.ts";
import { type TunnelRole, tunnelSocketCandidates } from "../paths.ts";
import { askFirst, type Connected } from "./connect.ts";
import { withRefusals } from "./refusals.ts";

type TunnelContext = Pick<CommandContext, "environment" | "user" | "program">;

const roles = ["source", "destination"] as const;

/** Throws as `askFirst`; APP_USAGE where both run here and nothing says which; APP_REFUSED, APP_PERMISSION. */
export async function askTunnel<T>(
  { values }: Pick<GivenArguments, "values">,
  context: TunnelContext,
  ask: (client: TunnelClient, signal: AbortSignal) => Promise<T>,
): Promise<Connected<T, TunnelClient>> {
  const named = roles.find((role) => role === values.get("role"));
  const role = named ?? (await runningRole(context));
  return await withRefusals(askFirst(daemonsOf(context, role), ask));
}

/** The one of which a daemon answers. */
async function runningRole(context: TunnelContext): Promise<TunnelRole> {
  const looks = await Promise.allSettled(
    roles.map((role) => askFirst(daemonsOf(context, role), (client, signal) => client.status(signal))),
  );
  const here = roles.filter((_, index) => !isAbsent(looks[index]));
  const [only, other] = here;
  if (only === undefined) {
    const sockets = roles.flatMap((role) => tunnelSocketCandidates(context, role));
    const start = `${context.program} tunnel source, or ${context.program} tunnel destination`;
    throw new AppError("APP_NOT_RUNNING", `no tunnel answers at ${sockets.join(" or ")}. Start one: ${start}`);
  }
  if (other === undefined) return only;
  throw new AppError("APP_USAGE", "a source and a destination run here: say which one is meant, --role source");
}

function isAbsent(look: PromiseSettledResult<unknown> | undefined): boolean {
  return look?.status === "rejected" && look.reason instanceof AppError && look.reason.code === "APP_NOT_RUNNING";
}

function daemonsOf(context: TunnelContext, role: TunnelRole) {
  return {
    sockets: tunnelSocketCandidates(context, role),
    clientOf: createTunnelClient,
    start: `${context.program} tunnel ${role}`,
  };
}

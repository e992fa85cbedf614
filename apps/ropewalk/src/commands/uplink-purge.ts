/**
 * `ropewalk uplink purge`: takes the wheel back, and everything of Ropewalk's out of the kernel. Where no node answers this process
 * does it by itself.
 */
import type { CommandContext } from "../command-context.ts";
import type { RunCommand } from "../command-line/command.ts";
import { type OfflinePurge, purgeOffline } from "../compose/offline-purge.ts";
import { AppError } from "../errors.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { steer } from "../local-api/steer.ts";
import { printable } from "../render/table.ts";

export const run: RunCommand = async ({ flags }, context) => {
  const isJson = flags.has("json");
  try {
    return await steer("purge", { isJson }, context);
  } catch (error) {
    if (!(error instanceof AppError && error.code === "APP_NOT_RUNNING")) throw error;
    return purgeHere(isJson, context);
  }
};

async function purgeHere(isJson: boolean, context: CommandContext): Promise<ExitCode> {
  const purged = await purgeOffline(context);
  const { refused } = purged;
  context.output.write(isJson ? `${JSON.stringify({ node: null, ...purged }, undefined, 2)}\n` : purgedText(purged));
  if (refused !== null) throw new AppError("APP_REFUSED", refused);
  return exitCodes.ok;
}

function purgedText({ done, unknown, refused }: OfflinePurge): string {
  const end = done.length === 0 ? "and nothing of Ropewalk's was there" : "and the above was done";
  const lines = [
    ...done.map(printable),
    `# No node runs here, ${end}${refused === null ? "; nothing of it is left" : ", but not all"}.`,
    ...(unknown === null ? [] : [`# How settings and the list of resolvers were before is not known: ${unknown}.`]),
  ];
  return `${lines.join("\n")}\n`;
}

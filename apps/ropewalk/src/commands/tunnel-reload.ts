/** `ropewalk tunnel reload`: the same as SIGHUP, but says what came of it. */
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askTunnel } from "../local-api/ask-tunnel.ts";
import { withConfigFaults } from "../local-api/refusals.ts";
import { reloadLines } from "../render/reload-view.ts";

export const run: RunCommand = async (given, context) => {
  const { answer } = await withConfigFaults(askTunnel(given, context, (client, signal) => client.reloadConfig(signal)));
  const text = given.flags.has("json") ? JSON.stringify(answer, undefined, 2) : reloadLines(answer).join("\n");
  context.output.write(`${text}\n`);
  return exitCodes.ok;
};

/** `ropewalk config reload`: the same as SIGHUP, but says what came of it. */
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askDaemon } from "../local-api/connect.ts";
import { withConfigFaults } from "../local-api/refusals.ts";
import { reloadLines } from "../render/reload-view.ts";

export const run: RunCommand = async ({ flags }, context) => {
  const { answer } = await withConfigFaults(askDaemon(context, (client, signal) => client.reloadConfig(signal)));
  const text = flags.has("json") ? JSON.stringify(answer, undefined, 2) : reloadLines(answer).join("\n");
  context.output.write(`${text}\n`);
  return exitCodes.ok;
};

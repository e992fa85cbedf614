/** `ropewalk uplink plan`: what would have to change on this machine for traffic to go as was decided. */
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askDaemon } from "../local-api/connect.ts";
import { planLines } from "../render/plan-view.ts";

export const run: RunCommand = async ({ flags }, context) => {
  const { answer } = await askDaemon(context, (client, signal) => client.plan(signal));
  const { output } = context;
  const text = flags.has("json") ? JSON.stringify(answer, undefined, 2) : planLines(answer).join("\n");
  output.write(`${text}\n`);
  return exitCodes.ok;
};

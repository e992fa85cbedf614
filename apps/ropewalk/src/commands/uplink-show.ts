/** `ropewalk uplink show NAME`. */
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askDaemon } from "../local-api/connect.ts";
import { findUplink } from "../local-api/find-uplink.ts";
import { uplinkLines } from "../render/uplink-view.ts";

export const run: RunCommand = async ({ flags, operands }, context) => {
  const name = operands[0] ?? "";
  const { answer } = await askDaemon(context, (client, signal) => client.status(signal));
  const uplink = findUplink(name, answer.backhaul.uplinks);
  const text = flags.has("json")
    ? JSON.stringify(uplink, undefined, 2)
    : uplinkLines(uplink, answer.backhaul).join("\n");
  context.output.write(`${text}\n`);
  return exitCodes.ok;
};

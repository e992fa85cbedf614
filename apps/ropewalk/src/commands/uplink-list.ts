/** `ropewalk uplink list`. */
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askDaemon } from "../local-api/connect.ts";
import { createPaint } from "../render/paint.ts";
import { addressTable } from "../render/uplink-table.ts";

export const run: RunCommand = async ({ flags }, context) => {
  const { answer } = await askDaemon(context, (client, signal) => client.status(signal));
  const { output } = context;
  if (flags.has("json")) {
    output.write(`${JSON.stringify(answer.backhaul.uplinks, undefined, 2)}\n`);
  } else {
    const view = { paint: createPaint(output.hasColour), columns: output.size?.columns };
    output.write(`${addressTable(answer.backhaul, view).join("\n")}\n`);
  }
  return exitCodes.ok;
};

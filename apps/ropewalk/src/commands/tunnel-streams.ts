/** `ropewalk tunnel streams`: what goes through the tunnel now, one stream a line. */
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askTunnel } from "../local-api/ask-tunnel.ts";
import { createPaint } from "../render/paint.ts";
import { streamTable } from "../render/tunnel-streams-view.ts";

export const run: RunCommand = async (given, context) => {
  const { answer } = await askTunnel(given, context, (client, signal) => client.streams(signal));
  const { output } = context;
  const view = { paint: createPaint(output.hasColour), columns: output.size?.columns };
  const text = given.flags.has("json") ? JSON.stringify(answer, undefined, 2) : streamTable(answer, view).join("\n");
  output.write(`${text}\n`);
  return exitCodes.ok;
};

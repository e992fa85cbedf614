/** `ropewalk status`: the running node's picture, once or for as long as the reader looks. */
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askDaemon } from "../local-api/connect.ts";
import { createPaint } from "../render/paint.ts";
import { statusLines } from "../render/status-view.ts";

export const run: RunCommand = async ({ flags }, context) => {
  if (flags.has("watch")) {
    const { watchStatus } = await import("./status-watch.ts");
    return watchStatus(context, flags.has("json"));
  }
  const { answer } = await askDaemon(context, (client, signal) => client.status(signal));
  const { output } = context;
  if (flags.has("json")) {
    output.write(`${JSON.stringify(answer, undefined, 2)}\n`);
  } else {
    const view = { paint: createPaint(output.hasColour), columns: output.size?.columns };
    output.write(`${statusLines(answer, view).join("\n")}\n`);
  }
  return exitCodes.ok;
};

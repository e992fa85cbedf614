/** `ropewalk core status`: the exit as it is. */
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askCore } from "../local-api/ask-core.ts";
import { coreStatusLines } from "../render/core-status-view.ts";
import { createPaint } from "../render/paint.ts";

export const run: RunCommand = async ({ flags }, context) => {
  const { answer } = await askCore(context, (client, signal) => client.status(signal));
  const { output } = context;
  const paint = createPaint(output.hasColour);
  const text = flags.has("json") ? JSON.stringify(answer, undefined, 2) : coreStatusLines(answer, paint).join("\n");
  output.write(`${text}\n`);
  return exitCodes.ok;
};

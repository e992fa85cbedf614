/** `ropewalk core peers`: whom the exit carries, one a line. */
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askCore } from "../local-api/ask-core.ts";
import { corePeerTable } from "../render/core-peers-view.ts";
import { createPaint } from "../render/paint.ts";

export const run: RunCommand = async ({ flags }, context) => {
  const { answer } = await askCore(context, (client, signal) => client.peers(signal));
  const { output } = context;
  const view = { paint: createPaint(output.hasColour), columns: output.size?.columns };
  const text = flags.has("json") ? JSON.stringify(answer, undefined, 2) : corePeerTable(answer, view).join("\n");
  output.write(`${text}\n`);
  return exitCodes.ok;
};

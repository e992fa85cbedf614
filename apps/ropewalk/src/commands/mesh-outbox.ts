/** `ropewalk mesh outbox`: the messages that are on their way. */
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askDaemon } from "../local-api/connect.ts";
import { withRefusals } from "../local-api/refusals.ts";
import { outboxTable } from "../render/message-view.ts";
import { createPaint } from "../render/paint.ts";

export const run: RunCommand = async ({ flags }, context) => {
  const { answer } = await withRefusals(askDaemon(context, (client, signal) => client.messages.outbox(signal)));
  const { output } = context;
  const view = { paint: createPaint(output.hasColour), columns: output.size?.columns };
  const text = flags.has("json") ? JSON.stringify(answer, undefined, 2) : outboxTable(answer, view).join("\n");
  output.write(`${text}\n`);
  return exitCodes.ok;
};

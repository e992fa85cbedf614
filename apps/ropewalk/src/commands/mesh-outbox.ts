/** `ropewalk mesh outbox`: the messages that are on their way. */
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askMessages } from "../local-api/ask-messages.ts";
import { outboxTable } from "../render/message-view.ts";
import { createPaint } from "../render/paint.ts";

export const run: RunCommand = async ({ flags }, context) => {
  const { answer } = await askMessages(context, (client, signal) => client.messages.outbox(signal));
  const { output } = context;
  const view = { paint: createPaint(output.hasColour), columns: output.size?.columns };
  const text = flags.has("json") ? JSON.stringify(answer, undefined, 2) : outboxTable(answer, view).join("\n");
  output.write(`${text}\n`);
  return exitCodes.ok;
};

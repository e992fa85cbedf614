/** `ropewalk mesh store`: what this node keeps of messages, and what became of them. */
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askMessages } from "../local-api/ask-messages.ts";
import { storeLines } from "../render/message-view.ts";

export const run: RunCommand = async ({ flags }, context) => {
  const { answer } = await askMessages(context, (client, signal) => client.messages.store(signal));
  const text = flags.has("json") ? JSON.stringify(answer, undefined, 2) : storeLines(answer).join("\n");
  context.output.write(`${text}\n`);
  return exitCodes.ok;
};

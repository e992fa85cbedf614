/** `ropewalk mesh store`: what this node keeps of messages, and what became of them. */
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askDaemon } from "../local-api/connect.ts";
import { withRefusals } from "../local-api/refusals.ts";
import { storeLines } from "../render/message-view.ts";

export const run: RunCommand = async ({ flags }, context) => {
  const { answer } = await withRefusals(askDaemon(context, (client, signal) => client.messages.store(signal)));
  const text = flags.has("json") ? JSON.stringify(answer, undefined, 2) : storeLines(answer).join("\n");
  context.output.write(`${text}\n`);
  return exitCodes.ok;
};

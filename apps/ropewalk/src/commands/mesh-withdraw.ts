/** `ropewalk mesh withdraw ID`: gives up a message that is not delivered. */
import type { RunCommand } from "../command-line/command.ts";
import { AppError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { askMessages } from "../local-api/ask-messages.ts";

export const run: RunCommand = async ({ flags, operands }, context) => {
  const id = (operands[0] ?? "").toLowerCase();
  if (!/^[0-9a-f]{16}$/.test(id)) throw new AppError("APP_USAGE", `"${id}" is no id: write its 16 hexadecimal digits.`);
  const { answer } = await askMessages(context, (client, signal) => client.messages.withdraw(id, signal));
  if (flags.has("json")) context.output.write(`${JSON.stringify(answer, undefined, 2)}\n`);
  else if (answer.withdrawn) context.output.write(`${id} is withdrawn; what others carry of it may still arrive.\n`);
  else context.errors.write(`ropewalk: no message ${id} is on its way: it was delivered, has ended, or never was.\n`);
  return answer.withdrawn ? exitCodes.ok : exitCodes.notFound;
};

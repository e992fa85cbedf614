/** `ropewalk mesh send-status TO --entry-key KEY`: has the node tell an entry how it is, by a message that only the entry reads. */
import type { MessagePriority, SendStatusDocument } from "@ropewalk/api/messages";
import type { RunCommand } from "../command-line/command.ts";
import { durationGiven } from "../command-line/given-values.ts";
import { AppError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { askMessages } from "../local-api/ask-messages.ts";
import { findRecipient } from "../local-api/find-recipient.ts";
import { sendRefusalText } from "../render/message-view.ts";

export const run: RunCommand = async ({ flags, values, operands }, context) => {
  const entryKey = values.get("entry-key")?.toLowerCase() ?? "";
  if (!/^[0-9a-f]{64}$/.test(entryKey))
    throw new AppError("APP_USAGE", "--entry-key takes the entry's public key: 64 hexadecimal digits.");
  const rest: Omit<SendStatusDocument, "to"> = {
    ...{ entryKey, lifeMs: durationGiven("--life", values.get("life")) ?? null },
    priority: (values.get("priority") as MessagePriority | undefined) ?? "normal",
  };
  const { answer } = await askMessages(context, async (client, signal) => {
    const { address: to } = await findRecipient(operands[0] ?? "", client, signal);
    return await client.messages.sendStatus({ to, ...rest }, signal);
  });
  if (answer.kind === "refused") throw new AppError("APP_REFUSED", `it was not sent: ${sendRefusalText(answer)}.`);
  const text = flags.has("json") ? JSON.stringify(answer, undefined, 2) : `${answer.id} is on its way to ${answer.to}.`;
  context.output.write(`${text}\n`);
  return exitCodes.ok;
};

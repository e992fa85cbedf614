/** `ropewalk mesh broadcast [--channel NAME] TEXT`: says something to all who are near, or to who has the channel's key. */
import type { BroadcastDocument } from "@ropewalk/api/broadcasts";
import type { MessagePriority } from "@ropewalk/api/messages";
import type { RunCommand } from "../command-line/command.ts";
import { givenContent } from "../command-line/given-content.ts";
import { durationGiven, portOf } from "../command-line/given-values.ts";
import { AppError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { askMessages } from "../local-api/ask-messages.ts";
import { broadcastRefusalText, broadcastSentText } from "../render/broadcast-view.ts";

export const run: RunCommand = async ({ flags, values, operands }, context) => {
  const lifeMs = durationGiven("--life", values.get("life")) ?? null;
  const octets = await givenContent(operands[0], values.get("file"), context.input);
  const order: BroadcastDocument = {
    ...{ channel: values.get("channel") ?? null, port: portOf(values.get("port")) ?? 0, lifeMs },
    priority: (values.get("priority") as MessagePriority | undefined) ?? "normal",
    content: { kind: "base64", base64: octets.toBase64() },
  };
  const { answer } = await askMessages(context, (client, signal) => client.messages.broadcasts.send(order, signal));
  if (answer.kind === "refused") {
    const code = answer.why === "no-channel" ? "APP_NOT_FOUND" : "APP_REFUSED";
    throw new AppError(code, `it was not sent: ${broadcastRefusalText(answer, order.channel)}.`);
  }
  context.output.write(`${flags.has("json") ? JSON.stringify(answer, undefined, 2) : broadcastSentText(answer)}\n`);
  return exitCodes.ok;
};

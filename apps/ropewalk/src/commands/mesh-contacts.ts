/** `ropewalk mesh contacts`: who has a name here; adds one, or forgets him. */
import type { ContactDocument, ContactsDocument } from "@ropewalk/api/messages";
import type { MessagingClient } from "@ropewalk/api/messages-client";
import type { GivenArguments, RunCommand } from "../command-line/command.ts";
import { AppError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { askMessages } from "../local-api/ask-messages.ts";
import { findNode } from "../local-api/find-node.ts";
import { contactTable } from "../render/message-view.ts";
import { createPaint } from "../render/paint.ts";

export const run: RunCommand = async (given, context) => {
  const { answer } = await askMessages(context, (client, signal) => act(given, client, signal));
  const { output } = context;
  const view = { paint: createPaint(output.hasColour), columns: output.size?.columns };
  if (given.flags.has("json")) output.write(`${JSON.stringify(answer, undefined, 2)}\n`);
  else if ("contacts" in answer) output.write(`${contactTable(answer, view).join("\n")}\n`);
  else output.write(`${answer.name} is ${answer.address}.\n`);
  return exitCodes.ok;
};

async function act(
  { operands: [verb, name, address], values }: GivenArguments,
  client: MessagingClient,
  signal: AbortSignal,
): Promise<ContactsDocument | ContactDocument> {
  const { messages } = client;
  if (verb === undefined) return await messages.contacts(signal);
  if (name === undefined || (address === undefined) !== (verb === "remove"))
    throw new AppError("APP_USAGE", `write mesh contacts ${verb === "add" ? "add NAME ADDRESS" : "remove NAME"}.`);
  if (address === undefined) return await messages.removeContact(name, signal);
  const key = values.get("key")?.toLowerCase() ?? null;
  if (key !== null && !/^[0-9a-f]{64}$/.test(key))
    throw new AppError("APP_USAGE", "--key takes 64 hexadecimal digits, as mesh contacts --json tells them.");
  return await messages.addContact({ name, address: await findNode(address, client, signal), key }, signal);
}

/** `ropewalk mesh channels`: the channels whose keys are here; makes one or takes a key over, prints one, or forgets it. */
import type { ChannelDocument, ChannelKeyDocument, ChannelsDocument } from "@ropewalk/api/broadcasts";
import type { MessagingClient } from "@ropewalk/api/messages-client";
import type { CommandContext } from "../command-context.ts";
import type { GivenArguments, RunCommand } from "../command-line/command.ts";
import { bounded, fileContent } from "../command-line/given-content.ts";
import { AppError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { askMessages } from "../local-api/ask-messages.ts";
import { channelTable } from "../render/broadcast-view.ts";
import { createPaint } from "../render/paint.ts";
import { printable } from "../render/table.ts";

/** A key, and what a file may have around it. */
const longestKeyFile = 1_024;

export const run: RunCommand = async (given, context) => {
  const key = await keyOf(given, context);
  const { answer } = await askMessages(context, (client, signal) => act(given, key, client, signal));
  const { output } = context;
  const view = { paint: createPaint(output.hasColour), columns: output.size?.columns };
  if (given.flags.has("json")) output.write(`${JSON.stringify(answer, undefined, 2)}\n`);
  else if ("channels" in answer) output.write(`${channelTable(answer, view).join("\n")}\n`);
  else if ("key" in answer) output.write(`${answer.key}\n`);
  else output.write(`${printable(answer.name)} has the key with the fingerprint ${answer.fingerprint}.\n`);
  return exitCodes.ok;
};

async function act(
  { operands: [verb, name] }: GivenArguments,
  key: string | null,
  client: MessagingClient,
  signal: AbortSignal,
): Promise<ChannelsDocument | ChannelDocument | ChannelKeyDocument> {
  const { broadcasts } = client.messages;
  if (verb === undefined) return await broadcasts.channels(signal);
  if (name === undefined) throw new AppError("APP_USAGE", `write mesh channels ${verb} NAME.`);
  if (verb === "add") return await broadcasts.addChannel(name, key, signal);
  return verb === "key" ? await broadcasts.channelKey(name, signal) : await broadcasts.removeChannel(name, signal);
}

/** Null: the node is to make one. Throws APP_USAGE where what is given is no key; it is told to nobody. */
async function keyOf({ operands: [verb], values }: GivenArguments, context: CommandContext): Promise<string | null> {
  const file = values.get("key-file");
  if (file === undefined) return null;
  if (verb !== "add") throw new AppError("APP_USAGE", "--key-file is for mesh channels add.");
  const octets = await (file === "-" ? bounded(context.input, longestKeyFile) : fileContent(file, longestKeyFile));
  const key = new TextDecoder().decode(octets).trim().toLowerCase();
  if (/^[0-9a-f]{64}$/.test(key)) return key;
  throw new AppError(
    "APP_USAGE",
    "what --key-file gives is no key: 64 hexadecimal digits, as mesh channels key prints them.",
  );
}

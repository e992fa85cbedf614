/** `ropewalk tunnel refresh`: another lane now, by a whole new handshake; the streams go over to it. */
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askTunnel } from "../local-api/ask-tunnel.ts";

export const run: RunCommand = async (given, context) => {
  const { answer } = await askTunnel(given, context, (client, signal) => client.refresh(signal));
  const text = `A new lane is being made; ${answer.streams} streams go over to it. \`tunnel events\` tells how it goes.`;
  context.output.write(`${given.flags.has("json") ? JSON.stringify(answer, undefined, 2) : text}\n`);
  return exitCodes.ok;
};

/** `ropewalk tunnel drain`: the end takes nothing new, lets its streams finish, and stops. */
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askTunnel } from "../local-api/ask-tunnel.ts";
import { durationText } from "../render/quantity.ts";

export const run: RunCommand = async (given, context) => {
  const { answer } = await askTunnel(given, context, (client, signal) => client.drain(signal));
  const { streams, withinMs } = answer;
  const within = withinMs === null ? "" : `, within ${durationText(withinMs)}`;
  const text = `It takes nothing new from now on, and stops when its ${streams} streams have ended${within}.`;
  context.output.write(`${given.flags.has("json") ? JSON.stringify(answer, undefined, 2) : text}\n`);
  return exitCodes.ok;
};

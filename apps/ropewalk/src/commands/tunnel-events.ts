/** `ropewalk tunnel events`: what an end tells, as it tells it, until the user has seen enough. */
import type { TunnelEventDocument } from "@ropewalk/api/tunnel-events";
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { askTunnel } from "../local-api/ask-tunnel.ts";
import { follow } from "../local-api/follow.ts";
import { tunnelEventLine } from "../render/tunnel-event-line.ts";

export const run: RunCommand = async (given, context) => {
  const { output } = context;
  const isJson = given.flags.has("json");
  const find = async () => (await askTunnel(given, context, (client, signal) => client.status(signal))).client;
  await follow(context, "the tunnel", find, {
    show: (event: TunnelEventDocument) => {
      output.write(`${isJson ? JSON.stringify(event) : tunnelEventLine(event)}\n`);
    },
    interrupt: () => {},
  });
  return exitCodes.ok;
};

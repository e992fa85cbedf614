/** `ropewalk tunnel destination`. */
import type { RunCommand } from "../command-line/command.ts";
import { tunnelCommand } from "../compose/tunnel/run-tunnel.ts";
import { startTunnelEnd } from "../compose/tunnel/start-end.ts";

export const run: RunCommand = tunnelCommand("destination", startTunnelEnd);

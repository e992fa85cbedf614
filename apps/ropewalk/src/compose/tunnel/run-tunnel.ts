/** `ropewalk tunnel source` and `destination`: one end of a tunnel under a service manager. */
import type { RunCommand } from "../../command-line/command.ts";
import type { TunnelRole } from "../../paths.ts";
import { runService } from "../run-service.ts";
import type { StartEnd } from "./running-end.ts";
import { startTunnel } from "./tunnel-service.ts";

export function tunnelCommand(role: TunnelRole, startEnd: StartEnd): RunCommand {
  return runService((context, options) => startTunnel(context, role, { ...options, startEnd }));
}

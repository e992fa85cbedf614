/** `ropewalk tunnel source` and `destination`: one end of a tunnel under a service manager. It logs, and shows nothing else. */
import { flushCompileCache } from "node:module";
import { logFormat } from "@ropewalk/ops/log-section";
import type { RunCommand } from "../../command-line/command.ts";
import type { TunnelRole } from "../../paths.ts";
import { createStderrDestination } from "../log-destination.ts";
import { untilStopped } from "../until-stopped.ts";
import type { StartEnd } from "./running-end.ts";
import { startTunnel } from "./tunnel-service.ts";

export function tunnelCommand(role: TunnelRole, startEnd: StartEnd): RunCommand {
  return ({ values }, context) =>
    untilStopped(context, "reload", async () => {
      const tunnel = await startTunnel(context, role, {
        configFile: values.get("config"),
        startEnd,
        log: {
          destination: createStderrDestination(),
          format: (configured) => logFormat(configured, context.errors.isTerminal),
          level: (configured) => configured,
        },
      });
      // Where NODE_COMPILE_CACHE keeps what was compiled: who is killed writes nothing.
      flushCompileCache();
      return tunnel;
    });
}

/** A daemon as a service manager runs it: it logs to standard error, shows nothing else, and runs until a signal or its own end. */
import { flushCompileCache } from "node:module";
import { logFormat } from "@ropewalk/ops/log-section";
import type { CommandContext } from "../command-context.ts";
import type { RunCommand } from "../command-line/command.ts";
import type { DaemonOptions } from "./daemon.ts";
import { createStderrDestination } from "./log-destination.ts";
import { type Stoppable, untilStopped } from "./until-stopped.ts";

/** The command that runs what `start` starts. Throws what that throws. */
export function runService(start: (context: CommandContext, options: DaemonOptions) => Promise<Stoppable>): RunCommand {
  return ({ values }, context) =>
    untilStopped(context, "reload", async () => {
      const service = await start(context, {
        configFile: values.get("config"),
        log: {
          destination: createStderrDestination(),
          format: (configured) => logFormat(configured, context.errors.isTerminal),
          level: (configured) => configured,
        },
      });
      // Where NODE_COMPILE_CACHE keeps what was compiled (deploy/systemd/ropewalk.service): who is killed writes nothing.
      flushCompileCache();
      return service;
    });
}

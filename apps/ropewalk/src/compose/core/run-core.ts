/** `ropewalk core` under a service manager. It logs, and shows nothing else. */
import { flushCompileCache } from "node:module";
import { logFormat } from "@ropewalk/ops/log-section";
import type { RunCommand } from "../../command-line/command.ts";
import { createStderrDestination } from "../log-destination.ts";
import { untilStopped } from "../until-stopped.ts";
import { startCore } from "./core-service.ts";

export const runCore: RunCommand = ({ values }, context) =>
  untilStopped(context, "reload", async () => {
    const core = await startCore(context, {
      configFile: values.get("config"),
      log: {
        destination: createStderrDestination(),
        format: (configured) => logFormat(configured, context.errors.isTerminal),
        level: (configured) => configured,
      },
    });
    // Where NODE_COMPILE_CACHE keeps what was compiled: who is killed writes nothing.
    flushCompileCache();
    return core;
  });

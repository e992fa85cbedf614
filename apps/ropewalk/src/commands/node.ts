/** `ropewalk node`: the node under a service manager. It logs, and shows nothing else. */
import { flushCompileCache } from "node:module";
import { logFormat } from "@ropewalk/ops/log-section";
import type { RunCommand } from "../command-line/command.ts";
import { createStderrDestination } from "../compose/log-destination.ts";
import { startNode } from "../compose/node.ts";
import { untilStopped } from "../compose/until-stopped.ts";

export const run: RunCommand = ({ values }, context) =>
  untilStopped(context, "reload", async () => {
    const node = await startNode(context, {
      configFile: values.get("config"),
      log: {
        destination: createStderrDestination(),
        format: (configured) => logFormat(configured, context.errors.isTerminal),
        level: (configured) => configured,
      },
    });
    // Where NODE_COMPILE_CACHE keeps what was compiled (deploy/systemd/ropewalk.service): who is killed writes nothing.
    flushCompileCache();
    return node;
  });

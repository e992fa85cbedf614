/** `ropewalk entry`: the control plane of the VPN. It logs, and tells a person at a terminal where to look. */
import { flushCompileCache } from "node:module";
import { logFormat } from "@ropewalk/ops/log-section";
import type { RunCommand } from "../command-line/command.ts";
import { startEntry } from "../compose/entry/entry-service.ts";
import { createStderrDestination } from "../compose/log-destination.ts";
import { untilStopped } from "../compose/until-stopped.ts";

export const run: RunCommand = ({ values }, context) =>
  untilStopped(context, "reload", async () => {
    const entry = await startEntry(context, {
      configFile: values.get("config"),
      log: {
        destination: createStderrDestination(),
        format: (configured) => logFormat(configured, context.errors.isTerminal),
        level: (configured) => configured,
      },
    });
    for (const path of entry.made) context.output.write(`made ${path}\n`);
    if (entry.adminKeyFile !== undefined) context.output.write(`its admin key is in ${entry.adminKeyFile}\n`);
    context.output.write(`entry answers at ${entry.url}\n`);
    flushCompileCache();
    return entry;
  });

/** `ropewalk entry`: the control plane of the VPN under a service manager. It tells a person at a terminal where to look. */
import type { RunCommand } from "../command-line/command.ts";
import { startEntry } from "../compose/entry/entry-service.ts";
import { runService } from "../compose/run-service.ts";

export const run: RunCommand = runService(async (context, options) => {
  const entry = await startEntry(context, options);
  for (const path of entry.made) context.output.write(`made ${path}\n`);
  if (entry.adminKeyFile !== undefined) context.output.write(`its admin key is in ${entry.adminKeyFile}\n`);
  context.output.write(`entry answers at ${entry.url}\n`);
  return entry;
});

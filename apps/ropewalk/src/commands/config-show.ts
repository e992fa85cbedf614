/** `ropewalk config show`: the configuration as the node would run with it, and where each value comes from. */
import { renderConfig } from "@ropewalk/ops/config-render";
import type { RunCommand } from "../command-line/command.ts";
import { readConfiguration, requireConfiguration } from "../configuration.ts";
import { exitCodes } from "../exit-codes.ts";

export const run: RunCommand = async ({ flags, values }, context) => {
  const read = readConfiguration(context, values.get("config"));
  const loaded = requireConfiguration(read);
  if (flags.has("json")) {
    context.output.write(`${JSON.stringify(loaded.values, undefined, 2)}\n`);
  } else {
    context.output.write(renderConfig(loaded));
  }
  return exitCodes.ok;
};

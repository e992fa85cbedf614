/** `ropewalk config check`: every fault at once, or nothing to say. */
import type { RunCommand } from "../command-line/command.ts";
import { faultsText, readConfiguration } from "../configuration.ts";
import { exitCodes } from "../exit-codes.ts";

export const run: RunCommand = async ({ flags, values }, context) => {
  const { file, hasFile, result } = readConfiguration(context, values.get("config"));
  const faults = result.kind === "faults" ? result.faults : [];
  if (flags.has("json")) {
    const shown = faults.map(({ path, value, reason, origin }) => ({
      path,
      value: value ?? null,
      reason,
      origin: origin ?? null,
    }));
    context.output.write(`${JSON.stringify({ file: hasFile ? file.path : null, faults: shown }, undefined, 2)}\n`);
  } else if (faults.length > 0) {
    context.errors.write(`ropewalk: ${faultsText(faults)}\n`);
  } else {
    context.output.write(
      hasFile
        ? `${file.path} has no faults.\n`
        : `There is no ${file.path}; the defaults and the environment have no faults.\n`,
    );
  }
  return faults.length > 0 ? exitCodes.configFaults : exitCodes.ok;
};

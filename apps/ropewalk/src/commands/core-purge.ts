/** `ropewalk core purge`: an exit that was stopped leaves its tunnels, and this ends them. */
import type { CommandContext } from "../command-context.ts";
import type { RunCommand } from "../command-line/command.ts";
import { type CorePurge, purgeCore } from "../compose/core/purge.ts";
import { lockCore } from "../compose/places.ts";
import { readConfiguration, requireConfiguration } from "../configuration.ts";
import { AppError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { printable } from "../render/table.ts";

export const run: RunCommand = async ({ flags, values }, context) => {
  const { core } = requireConfiguration(readConfiguration(context, values.get("config"))).values;
  using places = lockCore(context);
  const purged = await purgeCore(core, places.folder, context);
  tell(purged, flags.has("json"), context);
  if (purged.refused.length === 0) return exitCodes.ok;
  throw new AppError("APP_REFUSED", `not all of the exit is gone: ${purged.refused.map(printable).join("; ")}`);
};

function tell(purged: CorePurge, isJson: boolean, { output }: CommandContext): void {
  const { done, refused } = purged;
  if (isJson) {
    output.write(`${JSON.stringify(purged, undefined, 2)}\n`);
    return;
  }
  const end = refused.length > 0 ? "Not all of it is gone." : "Nothing of the exit is left but its state.";
  const lines =
    done.length === 0 && refused.length === 0
      ? ["Nothing of an exit was there."]
      : [...done.map((what) => `removed: ${printable(what)}`), end];
  output.write(`${lines.join("\n")}\n`);
}

/** `ropewalk uplink show NAME`. */
import type { UplinkDocument } from "@ropewalk/api/http";
import { nearestKey } from "@ropewalk/ops/pure/nearest-key";
import type { RunCommand } from "../command-line/command.ts";
import { AppError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { askDaemon } from "../local-api/connect.ts";
import { uplinkLines } from "../render/uplink-view.ts";

export const run: RunCommand = async ({ flags, operands }, context) => {
  const name = operands[0] ?? "";
  const { answer } = await askDaemon(context, (client, signal) => client.status(signal));
  const uplink = findUplink(name, answer.backhaul.uplinks);
  const text = flags.has("json")
    ? JSON.stringify(uplink, undefined, 2)
    : uplinkLines(uplink, answer.backhaul).join("\n");
  context.output.write(`${text}\n`);
  return exitCodes.ok;
};

/** By id, interface name or label, in this order. Throws APP_NOT_FOUND, and APP_USAGE when a name is that of several. */
export function findUplink(name: string, uplinks: readonly UplinkDocument[]): UplinkDocument {
  for (const key of ["id", "name", "label"] as const) {
    const [found, ...others] = uplinks.filter((uplink) => uplink[key] === name);
    if (found === undefined) continue;
    if (others.length === 0) return found;
    const ids = [found, ...others].map(({ id }) => id).join(", ");
    throw new AppError("APP_USAGE", `several uplinks have the ${key} "${name}"; give the id of one: ${ids}`);
  }
  const known = uplinks.flatMap((uplink) => [uplink.name, ...(uplink.label === null ? [] : [uplink.label])]);
  const nearest = nearestKey(name, known);
  const advice =
    nearest !== undefined
      ? `Did you mean "${nearest}"?`
      : known.length === 0
        ? "There are no uplinks."
        : `There are: ${known.join(", ")}.`;
  throw new AppError("APP_NOT_FOUND", `there is no uplink "${name}". ${advice}`);
}

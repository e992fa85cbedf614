/** Which uplink somebody means who typed a name. */
import type { UplinkDocument } from "@ropewalk/api/http";
import { nearestKey } from "@ropewalk/ops/pure/nearest-key";
import { AppError } from "../errors.ts";

type NamedUplink = Pick<UplinkDocument, "id" | "name" | "label">;

/** By id, interface name or label, in this order. Throws APP_NOT_FOUND, and APP_USAGE when a name is that of several. */
export function findUplink<Named extends NamedUplink>(name: string, uplinks: readonly Named[]): Named {
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

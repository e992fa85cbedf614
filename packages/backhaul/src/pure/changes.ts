/** What differs between two pictures, as the events that subscribers get, in the order in which they are to be told. */
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import type { BackhaulEvent, UplinkStatus } from "../status.ts";
import { isEqual } from "./equal.ts";
import type { Picture } from "./picture.ts";

/** `reasons` says of each removed uplink why it is one no longer. */
export function eventsBetween(
  before: Picture,
  after: Picture,
  reasons: ReadonlyMap<UplinkId, string>,
): readonly BackhaulEvent[] {
  const events: BackhaulEvent[] = [];
  for (const old of before.uplinks) {
    const reason = reasons.get(old.id);
    const stays = after.uplinks.some((uplink) => uplink.id === old.id);
    if (stays && reason === undefined) continue;
    events.push({
      kind: "uplink-removed",
      uplinkId: old.id,
      name: old.name,
      reason: reason ?? "it is no uplink any more",
    });
  }
  for (const uplink of after.uplinks) {
    const old = reasons.has(uplink.id) ? undefined : before.uplinks.find((candidate) => candidate.id === uplink.id);
    if (old === undefined) events.push({ kind: "uplink-added", uplink });
    else if (old !== uplink) events.push({ kind: "uplink-changed", uplink, changed: changedFields(old, uplink) });
  }
  if (after.connectivity !== before.connectivity || after.decisions !== before.decisions) {
    events.push({ kind: "connectivity", connectivity: after.connectivity, decisions: after.decisions });
  }
  return events;
}

/** Names of the fields that differ; those of a family with the family before them, "ipv4.gateway". */
export function changedFields(before: UplinkStatus, after: UplinkStatus): readonly string[] {
  return differing(before, after).flatMap((field) =>
    field === "ipv4" || field === "ipv6"
      ? differing(before[field], after[field]).map((inner) => `${field}.${inner}`)
      : [field],
  );
}

function differing<T extends object>(before: T, after: T): readonly (keyof T & string)[] {
  return (Object.keys(after) as (keyof T & string)[]).filter((key) => !isEqual(before[key], after[key]));
}

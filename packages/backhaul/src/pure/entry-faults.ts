/** Entries of the configuration that say nothing, or that another entry contradicts: faults, since one of two would be ignored. */
import { matchesPattern, type UplinkEntry, type UplinkSelector } from "./entries.ts";

export interface EntryFault {
  readonly index: number;
  /** The key at fault, as TOML has it. */
  readonly key: string;
  readonly reason: string;
}

export function entryFaults(entries: readonly UplinkEntry[]): readonly EntryFault[] {
  return entries.flatMap((entry, index) => [
    ...ownFaults(entry, index),
    ...entries.slice(0, index).flatMap((earlier, place) => faultsBetween(earlier, place, entry, index)),
  ]);
}

function ownFaults(entry: UplinkEntry, index: number): readonly EntryFault[] {
  const says = saidKeys(entry);
  if (says.length === 0) {
    return [
      {
        index,
        key: keyOf(entry.selector),
        reason: "the entry says nothing: add role, name, metered, resolvers, profile or addresses",
      },
    ];
  }
  if (entry.addresses === "dhcp" && !isOfOneLink(entry.selector)) {
    const reason = "an address is got for one interface: say which, by its whole name or by its mac";
    return [{ index, key: "addresses", reason }];
  }
  if (entry.role !== "exclude") return [];
  return says
    .filter((key) => key !== "role")
    .map((key) => ({ index, key, reason: 'role = "exclude" leaves nothing to say of the uplink: remove one of both' }));
}

function faultsBetween(earlier: UplinkEntry, place: number, entry: UplinkEntry, index: number): readonly EntryFault[] {
  if (textOf(earlier.selector) === textOf(entry.selector)) {
    return [
      { index, key: keyOf(entry.selector), reason: `uplink[${place}] speaks of the same uplink: write one entry` },
    ];
  }
  const faults = isCovered(entry.selector, earlier.selector)
    ? saidKeys(entry)
        .filter((key) => saidKeys(earlier).includes(key))
        .map((key) => ({
          index,
          key,
          reason: `uplink[${place}] comes first and says it already: move this entry before it`,
        }))
    : [];
  if (entry.label === undefined || entry.label !== earlier.label) return faults;
  return [...faults, { index, key: "name", reason: `uplink[${place}] has this name already` }];
}

function isOfOneLink(selector: UplinkSelector): boolean {
  return selector.kind === "mac" || (selector.kind === "interface" && !selector.pattern.includes("*"));
}

/** True when everything that `inner` selects is selected by `outer`. Only a plain interface name can be told. */
function isCovered(inner: UplinkSelector, outer: UplinkSelector): boolean {
  return (
    inner.kind === "interface" &&
    outer.kind === "interface" &&
    !inner.pattern.includes("*") &&
    matchesPattern(outer.pattern, inner.pattern)
  );
}

function saidKeys(entry: UplinkEntry): readonly string[] {
  return [
    ...(entry.role === "auto" ? [] : ["role"]),
    ...(entry.label === undefined ? [] : ["name"]),
    ...(entry.metered === undefined ? [] : ["metered"]),
    ...(entry.resolvers === undefined ? [] : ["resolvers"]),
    ...(entry.profile === undefined ? [] : ["profile"]),
    ...(entry.addresses === undefined ? [] : ["addresses"]),
  ];
}

function keyOf(selector: UplinkSelector): string {
  return selector.kind;
}

function textOf(selector: UplinkSelector): string {
  switch (selector.kind) {
    case "interface":
      return `interface ${selector.pattern}`;
    case "mac":
      return `mac ${selector.mac}`;
    case "id":
      return `id ${selector.id}`;
  }
}

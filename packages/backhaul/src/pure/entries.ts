/** What the operator's `[[backhaul.uplink]]` entries say of one interface: of each key, the first entry that says it. */
import type { LinkFacts } from "@ropewalk/host/facts";
import type { IpAddress, MacAddress } from "@ropewalk/kernel/addresses";
import type { ProbeProfileName } from "../status.ts";
import type { ConfiguredRole } from "./role.ts";

export type UplinkSelector =
  /** An interface's name, in which "*" stands for any number of characters. */
  | { readonly kind: "interface"; readonly pattern: string }
  /** The permanent MAC address or the current one. */
  | { readonly kind: "mac"; readonly mac: MacAddress }
  /** The uplink's id, as status shows it. */
  | { readonly kind: "id"; readonly id: string };

/** `found`: whatever others configured is read; `dhcp`: Ropewalk gets a lease itself, once it moves traffic. */
export type Addressing = "found" | "dhcp";

/** What is said of one uplink; undefined is "nothing said". */
export interface UplinkSettings {
  readonly role: ConfiguredRole;
  readonly label: string | undefined;
  readonly metered: boolean | undefined;
  readonly resolvers: readonly IpAddress[] | undefined;
  readonly profile: ProbeProfileName | undefined;
  readonly addresses: Addressing | undefined;
}

/** One `[[backhaul.uplink]]`. */
export interface UplinkEntry extends UplinkSettings {
  readonly selector: UplinkSelector;
}

const noSettings: UplinkSettings = {
  role: "auto",
  label: undefined,
  metered: undefined,
  resolvers: undefined,
  profile: undefined,
  addresses: undefined,
};

/** `ids` are the uplink's id and its base; none are known before the device was read. */
export function settingsFor(entries: readonly UplinkEntry[], link: LinkFacts, ids: readonly string[]): UplinkSettings {
  if (entries.length === 0) return noSettings;
  let settings = noSettings;
  for (const entry of entries) {
    if (!isSelected(entry.selector, link, ids)) continue;
    settings = {
      role: settings.role === "auto" ? entry.role : settings.role,
      label: settings.label ?? entry.label,
      metered: settings.metered ?? entry.metered,
      resolvers: settings.resolvers ?? entry.resolvers,
      profile: settings.profile ?? entry.profile,
      addresses: settings.addresses ?? entry.addresses,
    };
  }
  // Who has an address got for it is meant to be one, before it has any.
  return settings.role === "auto" && settings.addresses === "dhcp" ? { ...settings, role: "include" } : settings;
}

function isSelected(selector: UplinkSelector, link: LinkFacts, ids: readonly string[]): boolean {
  switch (selector.kind) {
    case "interface":
      return matchesPattern(selector.pattern, link.name);
    case "mac":
      return selector.mac === link.permanentMac || selector.mac === link.mac;
    case "id":
      return ids.includes(selector.id);
  }
}

/** Without regular expressions, so that no pattern can take more than (pattern × name) steps. */
export function matchesPattern(pattern: string, name: string): boolean {
  let at = 0;
  let inName = 0;
  let star = -1;
  let resume = 0;
  while (inName < name.length) {
    if (pattern[at] === "*") {
      star = at;
      at += 1;
      resume = inName;
    } else if (at < pattern.length && pattern[at] === name[inName]) {
      at += 1;
      inName += 1;
    } else if (star !== -1) {
      at = star + 1;
      resume += 1;
      inName = resume;
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}

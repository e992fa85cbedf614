/** A plan as the commands that would do the same: what an operator can read, compare with his own, and run by hand. */
import type { StandingAddress } from "@ropewalk/host/address-lifetimes";
import { routingProtocol } from "@ropewalk/host/allocations";
import type { GivenLink } from "@ropewalk/host/leases";
import {
  mainTable,
  type RouteWay,
  type RoutingChange,
  type WantedRoute,
  type WantedRule,
} from "@ropewalk/host/routing";
import { settingPath, type WantedSetting } from "@ropewalk/host/settings";
import { type Family, formatPrefix } from "@ropewalk/kernel/addresses";
import type { LinkOrder } from "../link-dns.ts";
import type { PendingFile } from "../pending-names.ts";

const familyFlags: Readonly<Record<Family, string>> = { ipv4: "-4", ipv6: "-6" };
const verbs = {
  "add-route": "route add",
  "replace-route": "route replace",
  "remove-route": "route del",
  "add-rule": "rule add",
  "remove-rule": "rule del",
} as const;

/** `nameOf` gives an interface's name now. Source: ip-route(8), ip-rule(8). */
export function commandOf(change: RoutingChange, nameOf: NameOf): string {
  const [family, rest] =
    "route" in change
      ? [change.route.family, routeWords(change.route, nameOf)]
      : [change.rule.family, ruleWords(change.rule)];
  return ["ip", familyFlags[family], verbs[change.kind], ...rest].join(" ");
}

export function settingCommand(wanted: WantedSetting): string {
  // With slashes, because an interface's name may have dots. Source: sysctl(8).
  return `sysctl -w ${settingPath(wanted)}=${wanted.value}`;
}

/** Source: resolv.conf(5). */
export function fileCommand({ path, lines }: PendingFile): string {
  return `printf '%s\\n' ${lines.map(quoted).join(" ")} > ${quoted(path)}`;
}

/** Source: resolvectl(1). */
export function linkCommands({ name, servers, isForEveryName }: LinkOrder): readonly string[] {
  return [
    ...(servers === undefined ? [] : [["resolvectl", "dns", name, ...servers].join(" ")]),
    `resolvectl default-route ${name} ${isForEveryName ? "yes" : "no"}`,
  ];
}

/** Deprecates it. What the kernel would reset is said again. Source: ip-address(8). */
export function addressCommand(
  { ifindex, address, peer, prefixLength, flags, valid }: StandingAddress,
  nameOf: NameOf,
): string {
  const far = peer === address ? [`${address}/${prefixLength}`] : [address, "peer", `${peer}/${prefixLength}`];
  const left = valid === "forever" ? valid : `${Math.floor(valid / 1_000)}`;
  const lifetimes = ["valid_lft", left, "preferred_lft", "0"];
  return ["ip", "-6", "address", "change", ...far, "dev", nameOf(ifindex), ...flags, ...lifetimes].join(" ");
}

/** In one line: to nft a semicolon is the end of a line. Source: nft(8). */
export function marksCommand(script: string): string {
  const lines = script.split("\n").map((line) => line.trim());
  const text = lines
    .filter((line) => line !== "")
    .reduce((all, line) => `${all}${/[;{]$/.test(all) ? "" : ";"} ${line}`);
  return `nft ${quoted(text)}`;
}

/** One word of a shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** In short: what the script does and how often is asked, docs/operating/addresses.md says. */
export function leaseCommand({ name }: GivenLink): string {
  return `udhcpc -f -i ${name}`;
}

type NameOf = (ifindex: number) => string;

function routeWords(route: WantedRoute, nameOf: NameOf): readonly string[] {
  const { table, destination, metric, preferredSource, ways } = route;
  const [way, ...more] = ways;
  return [
    ...(way === undefined ? ["unreachable"] : []),
    destination.length === 0 ? "default" : formatPrefix(destination),
    ...(way !== undefined && more.length === 0 ? wayWords(way, nameOf) : []),
    ...(preferredSource === undefined ? [] : ["src", preferredSource]),
    "table",
    `${table}`,
    "metric",
    `${metric}`,
    "proto",
    `${routingProtocol}`,
    ...(more.length === 0
      ? []
      : ways.flatMap((one) => ["nexthop", ...wayWords(one, nameOf), "weight", `${one.weight}`])),
  ];
}

function wayWords({ ifindex, gateway, isOnLink }: RouteWay, nameOf: NameOf): readonly string[] {
  return [...(gateway === undefined ? [] : ["via", gateway]), "dev", nameOf(ifindex), ...(isOnLink ? ["onlink"] : [])];
}

function ruleWords({
  priority,
  table,
  source,
  destination,
  mark,
  suppressPrefixLength,
}: WantedRule): readonly string[] {
  return [
    ...(source === undefined ? [] : ["from", formatPrefix(source)]),
    ...(destination === undefined ? [] : ["to", formatPrefix(destination)]),
    ...(mark === undefined ? [] : ["fwmark", `0x${mark.value.toString(16)}/0x${mark.mask.toString(16)}`]),
    "lookup",
    table === mainTable ? "main" : `${table}`,
    ...(suppressPrefixLength === undefined ? [] : ["suppress_prefixlength", `${suppressPrefixLength}`]),
    "priority",
    `${priority}`,
    "protocol",
    `${routingProtocol}`,
  ];
}

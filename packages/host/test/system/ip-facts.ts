/** The namespace as iproute2 tells it (`ip -N -j`), in the shape of our facts: a second implementation to agree with. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import type { AddressFacts, LinkFacts, NeighbourFacts, RouteFacts, RuleFacts } from "@ropewalk/host/facts";
import { type Prefix, parseIpAddress, parsePrefix } from "@ropewalk/kernel/addresses";
import type { NextHopObject } from "../../src/tables/network-event.ts";

type Json = Readonly<Record<string, unknown>>;

/** What `ip -j` prints; it prints nothing at all for an empty list of some kinds. */
function ipJson(...words: readonly string[]): readonly Json[] {
  const text = execFileSync("ip", ["-N", "-j", "-d", ...words], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const objects = text.trim() === "" ? [] : (JSON.parse(text) as readonly Json[]);
  // iproute2 pads some lists with empty objects.
  return objects.filter((object) => Object.keys(object).length > 0);
}

function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A MAC address, or none where it is absent or zero. */
function mac(value: unknown): string | undefined {
  return typeof value === "string" && /[1-9a-f]/.test(value) ? value : undefined;
}

export type ComparableLink = Omit<
  LinkFacts,
  "carrierChangedAt" | "permanentMac" | "isDormant" | "lower" | "hardwareType"
>;

export function ipLinks(): readonly ComparableLink[] {
  const links = ipJson("link", "show");
  const indexOf = new Map(links.map((link) => [text(link["ifname"]), Number(link["ifindex"])]));
  return links.map((link) => {
    const flags = link["flags"] as readonly string[];
    const info = link["linkinfo"] as Json | undefined;
    return {
      ifindex: Number(link["ifindex"]),
      name: String(link["ifname"]),
      mac: mac(link["address"]) as LinkFacts["mac"],
      mtu: Number(link["mtu"]) as LinkFacts["mtu"],
      isEnabled: flags.includes("UP"),
      hasCarrier: flags.includes("LOWER_UP"),
      virtualKind: text(info?.["info_kind"]),
      master: indexOf.get(text(link["master"])),
    };
  });
}

export function ipAddresses(): readonly AddressFacts[] {
  return ipJson("address", "show").flatMap((link) =>
    list(link["addr_info"]).map((info) => ({
      ifindex: Number(link["ifindex"]),
      family: info["family"] === "inet" ? "ipv4" : "ipv6",
      address: parseIpAddress(String(info["local"])) as AddressFacts["address"],
      prefixLength: Number(info["prefixlen"]),
      scope: scopes[String(info["scope"])] ?? "global",
      isTentative: info["tentative"] === true || info["dadfailed"] === true,
      isDeprecated: info["deprecated"] === true,
      isSecondary: info["secondary"] === true || info["temporary"] === true,
    })),
  );
}

/** With -N, as numbers. */
const scopes: Readonly<Record<string, AddressFacts["scope"]>> = {
  "0": "global",
  "200": "site",
  "253": "link",
  "254": "host",
  global: "global",
  site: "site",
  link: "link",
  host: "host",
};

export function ipRoutes(indexOf: ReadonlyMap<string, number>): readonly RouteFacts[] {
  const families = [["-4", "ipv4"] as const, ["-6", "ipv6"] as const];
  return families.flatMap(([option, family]) =>
    ipJson(option, "route", "show", "table", "all").map((route) => {
      const hops = route["nexthops"] === undefined ? [route] : list(route["nexthops"]);
      return {
        family,
        table: tableOf(route["table"]),
        destination: prefixOf(String(route["dst"]), family),
        type: routeTypes[String(route["type"] ?? "unicast")] ?? "other",
        protocol: Number(route["protocol"]),
        metric: Number(route["metric"] ?? 0),
        preferredSource: (parseIpAddress(String(route["prefsrc"] ?? "")) ?? undefined) as RouteFacts["preferredSource"],
        nextHopId: route["nhid"] === undefined ? undefined : Number(route["nhid"]),
        nextHops: hops.map((hop) => ({
          ifindex: indexOf.get(String(hop["dev"])),
          gateway: parseIpAddress(String(hop["gateway"] ?? (hop["via"] as Json | undefined)?.["host"])),
          weight: Number(hop["weight"] ?? 1),
          isDead: (hop["flags"] as readonly string[]).some((flag) => flag === "dead" || flag === "linkdown"),
        })),
      };
    }),
  );
}

/** iproute2 6.1 prints some types by name and some by number, whatever -N says. */
const routeTypes: Readonly<Record<string, RouteFacts["type"]>> = {
  unicast: "unicast",
  local: "local",
  broadcast: "broadcast",
  multicast: "multicast",
  blackhole: "blackhole",
  unreachable: "unreachable",
  prohibit: "prohibit",
  throw: "throw",
  "1": "unicast",
  "2": "local",
  "3": "broadcast",
  "5": "multicast",
  "6": "blackhole",
  "7": "unreachable",
  "8": "prohibit",
  "9": "throw",
};

function tableOf(table: unknown): number {
  if (table === undefined || table === "main") return 254;
  return table === "local" ? 255 : Number(table);
}

function prefixOf(dst: string, family: "ipv4" | "ipv6"): Prefix {
  if (dst === "default") return prefixOf(family === "ipv4" ? "0.0.0.0/0" : "::/0", family);
  return parsePrefix(dst.includes("/") ? dst : `${dst}/${family === "ipv4" ? 32 : 128}`) as Prefix;
}

export function ipRules(): readonly RuleFacts[] {
  const families = [["-4", "ipv4"] as const, ["-6", "ipv6"] as const];
  return families.flatMap(([option, family]) =>
    ipJson(option, "rule", "show").map((rule) => ({
      family,
      priority: Number(rule["priority"]),
      table: tableOf(rule["table"]),
      protocol: Number(rule["protocol"]),
      source: selector(rule["src"], rule["srclen"], family),
      destination: selector(rule["dst"], rule["dstlen"], family),
      mark:
        rule["fwmark"] === undefined
          ? undefined
          : { value: Number(rule["fwmark"]), mask: Number(rule["fwmask"] ?? 0xffff_ffff) },
      suppressPrefixLength: rule["suppress_prefixlen"] === undefined ? undefined : Number(rule["suppress_prefixlen"]),
      inputInterface: text(rule["iif"]),
      outputInterface: text(rule["oif"]),
    })),
  );
}

function selector(address: unknown, length: unknown, family: "ipv4" | "ipv6"): Prefix | undefined {
  if (address === undefined || address === "all") return undefined;
  return prefixOf(length === undefined ? String(address) : `${address}/${length}`, family);
}

export function ipNeighbours(indexOf: ReadonlyMap<string, number>): readonly NeighbourFacts[] {
  // `nud all` also shows NOARP entries, as the kernel's dump does.
  return ipJson("neighbour", "show", "nud", "all").map((entry) => ({
    ifindex: indexOf.get(String(entry["dev"])) ?? 0,
    family: String(entry["dst"]).includes(":") ? "ipv6" : "ipv4",
    address: parseIpAddress(String(entry["dst"])) as NeighbourFacts["address"],
    mac: mac(entry["lladdr"]) as NeighbourFacts["mac"],
    state: String(
      (entry["state"] as readonly string[] | undefined)?.[0] ?? "none",
    ).toLowerCase() as NeighbourFacts["state"],
  }));
}

/** Nexthop objects in the shape of our own. */
export function ipNextHops(indexOf: ReadonlyMap<string, number>): readonly NextHopObject[] {
  return ipJson("nexthop", "show").map((object) => {
    const id = Number(object["id"]);
    const members = list(object["group"]).map((member) => ({
      id: Number(member["id"]),
      weight: Number(member["weight"] ?? 1),
    }));
    if (members.length > 0) return { kind: "group", id, members };
    const gateway = parseIpAddress(String(object["gateway"]));
    return { kind: "single", id, ifindex: indexOf.get(String(object["dev"])), gateway };
  });
}

/** What /proc/sys of this namespace says is filtered, by the rule of ip-sysctl.rst: the larger of "all" and the interface's. */
export function writtenReversePathFilters(indexOf: ReadonlyMap<string, number>): readonly object[] {
  const written = (name: string) => {
    const file = `/proc/sys/net/ipv4/conf/${name}/rp_filter`;
    return existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
  };
  const filters = [undefined, "strict", "loose"];
  return Array.from(indexOf, ([name, ifindex]) => {
    return { ifindex, filter: filters[Math.max(written("all"), written(name))] };
  }).filter(({ filter }) => filter !== undefined);
}

/**
 * Other programs that manage the network, told from facts they leave in plain sight: names on the system bus, their folders
 * in /run, routing rules, interfaces and the protocol numbers of default routes. Pure; each finding names its evidence.
 */
import { resolvedName } from "@ropewalk/backhaul/io/resolved-session";
import type { LinkFacts, RouteFacts, RuleFacts } from "@ropewalk/host/facts";
import { type Finding, note } from "./finding.ts";

export interface ManagerFacts {
  /** Of `managerBusNames`, those with an owner; undefined when there is no system bus to ask. */
  readonly ownedNames: ReadonlySet<string> | undefined;
  /** Of `managerPaths`, those that exist. */
  readonly paths: ReadonlySet<string>;
  readonly links: readonly LinkFacts[];
  readonly defaultRoutes: readonly RouteFacts[];
  readonly rules: readonly RuleFacts[];
}

interface Manager {
  readonly name: string;
  readonly busName?: string;
  readonly paths?: readonly string[];
  readonly other?: (facts: ManagerFacts) => string | undefined;
  /** How it and Ropewalk get along. */
  readonly meaning: string;
}

/** Marks and priorities: tailscale's net/netmon and router_linux.go (bits 16–23, 5210…5270); wg-quick(8), Table=auto. */
const managers: readonly Manager[] = [
  {
    name: "NetworkManager",
    busName: "org.freedesktop.NetworkManager",
    paths: ["/run/NetworkManager"],
    meaning: "it sets addresses, routes and resolvers; Ropewalk reads from it which uplinks are metered",
  },
  {
    name: "systemd-networkd",
    busName: "org.freedesktop.network1",
    paths: ["/run/systemd/netif/state"],
    meaning: "it sets addresses and routes; Ropewalk reads resolvers from its state files",
  },
  {
    name: "systemd-resolved",
    busName: resolvedName,
    paths: ["/run/systemd/resolve/io.systemd.Resolve"],
    meaning:
      "it asks each uplink's resolvers by that uplink; which of them it asks, a Ropewalk that moves traffic tells it",
  },
  {
    name: "ModemManager",
    busName: "org.freedesktop.ModemManager1",
    meaning: "it drives the modems; their interfaces appear as uplinks once it has connected them",
  },
  {
    name: "dhcpcd",
    paths: ["/run/dhcpcd/pid", "/run/dhcpcd.pid"],
    meaning: "it sets addresses and routes; Ropewalk follows what it does",
  },
  {
    name: "tailscale",
    paths: ["/run/tailscale/tailscaled.sock"],
    other: ({ rules }) => {
      const rule = rules.find(({ priority, mark }) => priority >= 5210 && priority <= 5270 && mark?.mask === 0xff_0000);
      return rule === undefined ? undefined : `routing rule ${rule.priority} with mark mask 0xff0000`;
    },
    meaning: "its tunnel is no uplink; its marks (bits 16–23) and Ropewalk's (bits 8–15) do not meet",
  },
  {
    name: "wg-quick",
    other: ({ rules }) => {
      const rule = rules.find(({ mark, table }) => mark !== undefined && mark.value === table && table > 255);
      return rule === undefined ? undefined : `routing rule ${rule.priority} whose mark is its table, ${rule.table}`;
    },
    meaning: "it sends all traffic into its tunnel; the uplinks below it are still shown",
  },
  {
    name: "docker",
    paths: ["/run/docker.sock"],
    other: ({ links }) => {
      const bridge = links.find(({ name, virtualKind }) => name === "docker0" && virtualKind === "bridge");
      return bridge === undefined ? undefined : "the bridge docker0";
    },
    meaning: "its bridges are no uplinks and are left alone",
  },
];

/** Protocol numbers of routing daemons. Source: linux/rtnetlink.h, RTPROT_*. */
const routingDaemons: ReadonlyMap<number, string> = new Map([
  [8, "gated"],
  [11, "zebra (FRR)"],
  [12, "bird"],
  [14, "xorp"],
  [17, "mrouted"],
  [18, "keepalived"],
  [42, "babeld"],
  [186, "FRR, by BGP"],
  [187, "FRR, by IS-IS"],
  [188, "FRR, by OSPF"],
  [189, "FRR, by RIP"],
  [192, "FRR, by EIGRP"],
]);

export const managerBusNames: readonly string[] = managers.flatMap(({ busName }) => busName ?? []);
export const managerPaths: readonly string[] = managers.flatMap(({ paths }) => paths ?? []);

/** The managers that are at work here; one note that says so when there is none. */
export function managerFindings(facts: ManagerFacts): readonly Finding[] {
  const found = managers.flatMap((manager) => {
    const evidence = evidenceOf(manager, facts);
    return evidence.length === 0 ? [] : [note("manager", manager.name, evidence.join("; "), manager.meaning)];
  });
  const daemons = routeOwners(facts.defaultRoutes).map(([protocol, name]) =>
    note("manager", name, `a default route with protocol ${protocol}`, "it sets routes; Ropewalk follows what it does"),
  );
  const all = [...found, ...daemons];
  if (all.length > 0) return all;
  const asked = facts.ownedNames === undefined ? "; there is no system bus to ask" : "";
  return [note("manager", "none", `no other program that manages the network was found${asked}`)];
}

function evidenceOf(manager: Manager, facts: ManagerFacts): readonly string[] {
  const { busName, paths = [], other } = manager;
  const path = paths.find((each) => facts.paths.has(each));
  return [
    ...(busName !== undefined && facts.ownedNames?.has(busName) ? [`owns ${busName} on the system bus`] : []),
    // A stopped daemon leaves its folder; when the bus can say that nobody owns the name, the bus is right.
    ...(path !== undefined && (busName === undefined || facts.ownedNames === undefined) ? [`${path} exists`] : []),
    ...[other?.(facts)].filter((text) => text !== undefined),
  ];
}

function routeOwners(routes: readonly RouteFacts[]): readonly (readonly [number, string])[] {
  const owners = new Map<number, string>();
  for (const { protocol } of routes) {
    const name = routingDaemons.get(protocol);
    if (name !== undefined) owners.set(protocol, name);
  }
  return [...owners];
}

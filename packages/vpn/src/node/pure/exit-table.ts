/**
 * The one table of nftables of an exit node: what its peers may send and to whom, and under which address. It is whole in itself: without
 * it nothing is translated, and so nothing comes back.
 */
import { vpnFirewallTable as table } from "@ropewalk/host/allocations";
import {
  type Family,
  families,
  familyOf,
  formatPrefix,
  type IpAddress,
  networkOf,
  type Prefix,
} from "@ropewalk/kernel/addresses";
import { metadataPrefixes, privatePrefixes } from "./closed-prefixes.ts";
import { dropReasons } from "./drop-reasons.ts";
import { exitChains } from "./exit-chains.ts";
import { digits } from "./family-digits.ts";
import { quotedName } from "./quoted-name.ts";

/** A service of the node that its peers may use at the node's own addresses in the tunnel. */
export interface PeerService {
  readonly protocol: "tcp" | "udp";
  readonly port: number;
}

/** Each list may be empty. */
export interface ExitTable {
  /** Interfaces behind which peers are. */
  readonly tunnels: readonly string[];
  /** From which peers have their addresses, of both families. */
  readonly pools: readonly Prefix[];
  /** The node's own in the tunnels. */
  readonly ownAddresses: readonly IpAddress[];
  readonly services: readonly PeerService[];
  /** What no peer may reach, whatever else is said. */
  readonly managementPrefixes: readonly Prefix[];
  /** Of the private networks, those that peers may reach. */
  readonly openedPrefixes: readonly Prefix[];
}

/** What stands there before the table is made. */
export type Standing =
  /** The same chains and sets, by whatever filled: nothing passes between the old rules and the new. */
  | "same-layout"
  /** Nothing, or another table: it is deleted first, and the kernel takes the old rules away some microseconds before it puts the new in place. */
  | "other";

/**
 * A script that makes the table, in one transaction. An empty chain `seal` stands in it, by which its layout is recognised later; `leases` are
 * further commands of the transaction.
 */
export function replaceExitTable(wanted: ExitTable, standing: Standing, seal: string, leases: string): string {
  const emptied = standing === "other" ? removeExitTable : emptyExitTable;
  return `${emptied}table inet ${table} {\n  chain ${seal} { }\n${bodyOf(wanted)}\n}\n${leases}`;
}

function bodyOf(wanted: ExitTable): string {
  return [
    ...dropReasons.map((reason) => `  counter ${reason} { }`),
    ...declarations.map(({ name, type, elementsOf }) => set(name, type, elementsOf(wanted))),
    exitChains,
  ].join("\n");
}

/** Removes the table; succeeds when there is none. */
export const removeExitTable: string = `table inet ${table}\ndelete table inet ${table}\n`;

interface Declaration {
  readonly name: string;
  readonly type: string;
  readonly elementsOf: (wanted: ExitTable) => readonly string[];
}

const declarations: readonly Declaration[] = [
  { name: "tunnels", type: "ifname", elementsOf: ({ tunnels }) => tunnels.map(quotedName) },
  {
    name: "services",
    type: "inet_proto . inet_service",
    elementsOf: ({ services }) => services.map(({ protocol, port }) => `${protocol} . ${port}`),
  },
  ...families.flatMap(declarationsOf),
];

function declarationsOf(family: Family): readonly Declaration[] {
  const digit = digits[family];
  const type = `${family}_addr`;
  const ranges = (name: string, prefixesOf: (wanted: ExitTable) => readonly Prefix[]): Declaration => ({
    name: `${name}${digit}`,
    type: `${type}; flags interval; auto-merge`,
    elementsOf: (wanted) => ofFamily(family, prefixesOf(wanted)).map((prefix) => formatPrefix(networkOf(prefix))),
  });
  return [
    { name: `leases${digit}`, type: `ifname . ${type}; flags timeout`, elementsOf: () => [] },
    {
      name: `own${digit}`,
      type,
      elementsOf: ({ ownAddresses }) => ownAddresses.filter((address) => familyOf(address) === family),
    },
    ranges("pools", ({ pools }) => pools),
    ranges("metadata", () => metadataPrefixes),
    ranges("management", ({ managementPrefixes }) => managementPrefixes),
    ranges("opened", ({ openedPrefixes }) => openedPrefixes),
    ranges("private", () => privatePrefixes),
  ];
}

function ofFamily(family: Family, prefixes: readonly Prefix[]): readonly Prefix[] {
  return prefixes.filter(({ address }) => familyOf(address) === family);
}

function set(name: string, type: string, elements: readonly string[]): string {
  const filled = elements.length === 0 ? "" : ` elements = { ${elements.join(", ")} };`;
  return `  set ${name} { type ${type};${filled} }`;
}

/** All that makes one layout differ from another, without what fills it. */
export const exitTableLayout: string = bodyOf({
  ...{ tunnels: [], pools: [], ownAddresses: [], services: [], managementPrefixes: [], openedPrefixes: [] },
});

/** Of a table with our layout: its rules and elements go, its chains, sets and counters stay. */
const emptyExitTable = `flush table inet ${table}\n${declarations.map(({ name }) => `flush set inet ${table} ${name}\n`).join("")}`;

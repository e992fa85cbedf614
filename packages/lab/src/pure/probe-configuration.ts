/**
 * Ropewalk's configuration for the lab's internet, as TOML: which servers answer for it, and which resolvers belong to
 * uplinks that no DHCP server tells them.
 */
import { type Family, familyOf, type IpAddress } from "@ropewalk/kernel/addresses";
import { resolverAddresses } from "./host-files.ts";
import { checkName, pinnedName, serverAddresses, targetName } from "./names.ts";
import { servers, targetPorts, type Uplink } from "./topology.ts";

export interface ProbedLab {
  readonly certificateAuthority: string;
  readonly uplinks: readonly Uplink[];
}

/** What the configuration says of an uplink besides. */
export interface SaidOfUplink {
  readonly metered?: boolean;
  /** Default: every resolver of the lab. */
  readonly resolvers?: readonly IpAddress[];
  /** Ropewalk is to get its lease, and learns its resolvers from that. */
  readonly addresses?: "dhcp";
}

/**
 * Everything in it is of the tables `backhaul.probe` and `backhaul.uplink`; how often to probe stays the reader's choice. A family
 * that is left out has no target, and so is not probed. `said` is by the names of uplinks.
 */
export function probeConfiguration(
  lab: ProbedLab,
  families: readonly Family[] = ["ipv4", "ipv6"],
  said: Readonly<Record<string, SaidOfUplink>> = {},
): string {
  const targets = servers.filter(({ role }) => role === "target").flatMap(({ name }) => targetTables(name, families));
  const uplinks = lab.uplinks
    .filter(({ addressing }) => addressing !== "dhcp")
    .map(({ name }) => uplinkTable(name, said[name] ?? {}));
  return [probeTables(lab.certificateAuthority), ...targets, ...uplinks].join("\n");
}

function probeTables(authority: string): string {
  return `[backhaul.probe]
ca_file = ${text(authority)}

[backhaul.probe.http]
url = ${text(`http://${checkName}/generate_204`)}
status = 204
body = ""

[backhaul.probe.dns]
name = ${text(pinnedName)}
addresses = ${list(serverAddresses("target-1"))}
`;
}

function targetTables(host: string, families: readonly Family[]): readonly string[] {
  const addresses = serverAddresses(host).filter((address) => families.includes(familyOf(address)));
  return addresses.map(
    (address) => `[[backhaul.probe.target]]
name = ${text(host)}
address = ${text(address)}
port = ${targetPorts.tls}
tls_name = ${text(targetName(host))}
`,
  );
}

function uplinkTable(name: string, { metered, addresses, resolvers }: SaidOfUplink): string {
  const asked = resolvers ?? (addresses === undefined ? resolverAddresses() : undefined);
  return `[[backhaul.uplink]]
interface = ${text(name)}
${asked === undefined ? "" : `resolvers = ${list(asked)}\n`}${addresses === undefined ? "" : `addresses = ${text(addresses)}\n`}${metered === undefined ? "" : `metered = ${metered}\n`}`;
}

function list(words: readonly string[]): string {
  return `[${words.map(text).join(", ")}]`;
}

/** What the lab calls things needs no escapes in TOML. */
function text(word: string): string {
  return `"${word}"`;
}

/** Which interfaces are given to Ropewalk, whether it can have them, and which could be. Judged only where traffic is to be moved. */
import type { UplinkEntry } from "@ropewalk/backhaul/pure/entries";
import { isTunnelOrLoopback } from "@ropewalk/backhaul/pure/role";
import { givenLinks } from "@ropewalk/backhaul/pure/steering/given-links";
import type { LinkFacts, NetworkFacts } from "@ropewalk/host/facts";
import type { LinkOwner } from "./coexistence.ts";
import { type Finding, good, lack, note } from "./finding.ts";

export interface LeaseFindingFacts {
  readonly network: Pick<NetworkFacts, "links" | "addresses">;
  readonly entries: readonly UplinkEntry[];
  readonly ownerOf: (link: LinkFacts) => LinkOwner | undefined;
}

const title = "given uplinks";
const cures: Readonly<Record<LinkOwner, (name: string) => string>> = {
  NetworkManager: (name) => `nmcli device set ${name} managed no`,
  "systemd-networkd": (name) => `a .network file with [Match] Name=${name} and [Link] Unmanaged=yes`,
  dhcpcd: (name) => `denyinterfaces ${name} in /etc/dhcpcd.conf`,
};

export function leaseFindings({ network, entries, ownerOf }: LeaseFindingFacts): readonly Finding[] {
  const { links } = network;
  const given = givenLinks(links, entries);
  const isGiven = ({ ifindex }: LinkFacts) => given.some((link) => link.ifindex === ifindex);
  const findings = [...links.values()].filter(isGiven).map((link) => givenFinding(link, ownerOf(link)));
  const idle = [...links.values()].filter((link) => !isGiven(link) && isIdle(link, network) && !ownerOf(link));
  if (idle.length === 0) return findings;
  const names = idle.map(({ name }) => name).join(", ");
  const text = `${names}: a carrier, no IPv4 address, and nobody who manages it`;
  return [
    ...findings,
    note("manager", "idle interfaces", text, 'addresses = "dhcp" in its [[backhaul.uplink]] gives it to Ropewalk'),
  ];
}

function givenFinding(link: LinkFacts, owner: LinkOwner | undefined): Finding {
  const { name, master } = link;
  if (owner !== undefined) {
    const cure = `${cures[owner](name)}; or leave addresses out of its [[backhaul.uplink]]`;
    return lack("manager", title, `${name}: ${owner} manages it`, "Ropewalk gets no lease for it", cure);
  }
  if (master !== undefined) {
    const cure = "give the interface that it is a member of, or none";
    return lack("manager", title, `${name} is a member of another interface`, "Ropewalk gets no lease for it", cure);
  }
  return good("manager", title, `${name}: nobody else manages it`);
}

/** Hardware with a cable in it, and nothing that uses it. */
function isIdle(link: LinkFacts, { addresses }: LeaseFindingFacts["network"]): boolean {
  const isHardware = link.virtualKind === undefined && link.master === undefined && !isTunnelOrLoopback(link);
  return (
    isHardware &&
    link.hasCarrier &&
    !addresses.some(({ ifindex, family }) => ifindex === link.ifindex && family === "ipv4")
  );
}

/** What would keep an exit of the VPN from its work. Nothing where none is configured. */
import { type Family, familyOf } from "@ropewalk/kernel/addresses";
import { type CoreConfig, capacityOf } from "@ropewalk/vpn/node/config";
import { lackingSettings } from "@ropewalk/vpn/node/pure/guardrails";
import { diskFinding } from "./entry.ts";
import { type Finding, good, lack, note } from "./finding.ts";

export interface CoreFacts {
  /** Of the folder in which leases are stored, or of the nearest that is there. */
  readonly disk: { readonly path: string; readonly freeBytes: number };
  readonly hasKernelWireGuard: boolean;
  /** Where wireguard-go is; undefined: nowhere. */
  readonly wireGuardGo: string | undefined;
  readonly hasTun: boolean;
  readonly nft: string | undefined;
  readonly hasNftLibrary: boolean;
  /** The most connections that the kernel tracks; undefined before it tracks any. */
  readonly mostTracked: number | undefined;
  /** Families in which the machine forwards. */
  readonly forwarded: readonly Family[];
  /** Whether an exit that starts here may change that. */
  readonly mayForward: boolean;
  /** Families with a default route; undefined when routes could not be read. */
  readonly reached: readonly Family[] | undefined;
}

/** What a peer has open at once, at a guess: a browser with a few pages. */
const connectionsEach = 100;
const named: Readonly<Record<Family, string>> = { ipv4: "IPv4", ipv6: "IPv6" };

/** `readFacts` is called where an exit is configured. */
export function coreFindings(core: CoreConfig, readFacts: () => CoreFacts): readonly Finding[] {
  if (core.endpoint === undefined && core.control.certificate === undefined) return [];
  const facts = readFacts();
  const families = [...new Set(core.addresses.map(({ address }) => familyOf(address)))];
  return [
    ...settingFindings(core),
    deviceFinding(core, facts),
    firewallFinding(core, facts),
    trackingFinding(core, facts),
    diskFinding("disk of leases", facts.disk),
    ...families.map((family) => forwardingFinding(family, facts)),
    ...families.map((family) => egressFinding(family, facts)),
  ];
}

const noStart = "the exit does not start";

function settingFindings(core: CoreConfig): readonly Finding[] {
  const missing = lackingSettings(core);
  if (missing.length === 0) return [];
  return [lack("vpn", "settings", `[core] does not say ${missing.join(", ")}`, noStart, "docs/operating/vpn-exit.md")];
}

function deviceFinding({ driver }: CoreConfig, { hasKernelWireGuard, wireGuardGo, hasTun }: CoreFacts): Finding {
  const name = "WireGuard";
  if (hasKernelWireGuard && driver !== "wireguard-go") return good("vpn", name, "the kernel has it");
  if (driver === "kernel") {
    const cure = 'modprobe wireguard (Linux 5.6 and later), or core.driver = "auto"';
    return lack("vpn", name, "the kernel has none, and core.driver asks for it", noStart, cure);
  }
  if (wireGuardGo === undefined)
    return lack("vpn", name, "wireguard-go is not installed", noStart, "apt-get install wireguard-go (Debian, Ubuntu)");
  if (!hasTun)
    return lack("vpn", name, "there is no /dev/net/tun", noStart, "modprobe tun, or give the container the device");
  return good("vpn", name, wireGuardGo);
}

function firewallFinding({ natDriver }: CoreConfig, { nft, hasNftLibrary }: CoreFacts): Finding {
  const name = "firewall";
  if (natDriver === "native") {
    if (hasNftLibrary) return good("vpn", name, "libnftables is there");
    const cure = 'apt-get install libnftables1, or core.nat_driver = "cli"';
    return lack("vpn", name, "there is no libnftables.so.1", noStart, cure);
  }
  if (nft !== undefined) return good("vpn", name, nft);
  return lack("vpn", name, "nft is not installed", noStart, "apt-get install nftables (Debian, Ubuntu)");
}

function trackingFinding(core: CoreConfig, { mostTracked }: CoreFacts): Finding {
  const name = "tracked connections";
  const needed = capacityOf(core) * connectionsEach;
  if (mostTracked === undefined) return note("vpn", name, "the kernel tracks none yet; it does when the exit runs");
  const text = `the kernel tracks ${mostTracked} at most, for ${capacityOf(core)} peers`;
  if (mostTracked >= needed) return good("vpn", name, text);
  // A pool may have room for far more than anybody means to carry.
  if (core.capacity === undefined) return note("vpn", name, `${text}; core.capacity says how many are meant`);
  const cure = `sysctl net.netfilter.nf_conntrack_max=${needed}, or a smaller core.capacity`;
  return lack("vpn", name, text, "with many peers new connections are dropped", cure);
}

function forwardingFinding(family: Family, { forwarded, mayForward }: CoreFacts): Finding {
  const name = `forwarding of ${named[family]}`;
  if (forwarded.includes(family)) return good("vpn", name, "on");
  if (mayForward) return note("vpn", name, "off; the exit turns it on when it starts, and a purge off again");
  return lack(
    "vpn",
    name,
    "off, and not for this user to turn on",
    noStart,
    `sysctl net.${family}.conf.all.forwarding=1`,
  );
}

function egressFinding(family: Family, { reached }: CoreFacts): Finding {
  const name = `way out for ${named[family]}`;
  if (reached === undefined) return note("vpn", name, "routes could not be read");
  if (reached.includes(family)) return good("vpn", name, "there is a default route");
  const cost = `what peers send over ${named[family]} goes nowhere`;
  return lack(
    "vpn",
    name,
    "there is no default route",
    cost,
    `a default route, or no ${named[family]} in core.addresses`,
  );
}

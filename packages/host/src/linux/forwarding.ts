/**
 * Whether this host hands on packets of others, by the kernel's settings of the network namespace that this process is in, and which
 * settings make it do so.
 */
import { readdirSync, readFileSync } from "node:fs";
import { type Family, families } from "@ropewalk/kernel/addresses";
import type { WantedSetting } from "../settings.ts";

/**
 * In one of the families. IPv4 is forwarded by each interface as it is set; IPv6 by all or none, and since Linux 6.17 by those
 * that force it, for its setting of one interface tells only that this is no host. Source: ip-sysctl.rst.
 */
export function isForwarding(asked: readonly Family[] = families, root = "/proc/sys/net"): boolean {
  return asked.some((family) => isForwarded(family, `${root}/${family}/conf`));
}

/**
 * What makes this host forward, in the order in which it is to be written: a host that forwards IPv6 loses the default routes of routers that it
 * heard before, unless the interface accepts them all the same. Behind `tunnel` are no routers. Source: accept_ra in ip-sysctl.rst.
 */
export function forwardingSettings(
  wanted: readonly Family[],
  tunnel: string,
  root = "/proc/sys/net",
): readonly WantedSetting[] {
  const on = wanted.map((family) => {
    return { kind: "interface", family, interfaceName: "all", name: "forwarding", value: 1 } as const;
  });
  const hearing = hearers(`${root}/ipv6/conf`).filter((name) => name !== tunnel);
  return wanted.includes("ipv6") ? [...hearing.map(hearingSetting), ...on] : on;
}

/** Interfaces that hear routers as long as the host is none; and those that heard them before we came, and do because of us. */
function hearers(folder: string): readonly string[] {
  return interfacesIn(folder).filter((name) => name !== "all" && name !== "lo" && isOn(`${folder}/${name}/accept_ra`));
}

function hearingSetting(interfaceName: string): WantedSetting {
  return { kind: "interface", family: "ipv6", interfaceName, name: "accept_ra", value: 2 };
}

function isForwarded(family: Family, folder: string): boolean {
  if (isOn(`${folder}/all/forwarding`)) return true;
  const setting = family === "ipv4" ? "forwarding" : "force_forwarding";
  return interfacesIn(folder).some((name) => isOn(`${folder}/${name}/${setting}`));
}

/** Without "default", which is of interfaces to come. */
function interfacesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name !== "default");
  } catch {
    // A kernel without the family.
    return [];
  }
}

function isOn(file: string): boolean {
  try {
    return Number(readFileSync(file, "latin1")) > 0;
  } catch {
    return false;
  }
}

/** Whether this host hands on packets of others, by the kernel's settings of the network namespace that this process is in. */
import { readdirSync, readFileSync } from "node:fs";
import { type Family, families } from "@ropewalk/kernel/addresses";

/**
 * In one of the families. IPv4 is forwarded by each interface as it is set; IPv6 by all or none, and since Linux 6.17 by those
 * that force it, for its setting of one interface tells only that this is no host. Source: ip-sysctl.rst.
 */
export function isForwarding(asked: readonly Family[] = families, root = "/proc/sys/net"): boolean {
  return asked.some((family) => isForwarded(family, `${root}/${family}/conf`));
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

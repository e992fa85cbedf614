/** What this process may have of the machine, as the kernel's files say. Source: proc(5), capabilities(7), ip-sysctl. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface MachineLimits {
  /** Descriptors; undefined where it is not said. */
  readonly descriptors: number | undefined;
  /** Ports below this are for the privileged. */
  readonly firstFreePort: number;
  readonly mayBindAnyPort: boolean;
}

/** CAP_NET_BIND_SERVICE of linux/capability.h. */
const netBindService = 10n;

/** `root` is "/" but in tests. */
export function readMachineLimits(root: string): MachineLimits {
  const limits = /^Max open files\s+(\d+|unlimited)/m.exec(textOf(join(root, "proc/self/limits")))?.[1];
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(textOf(join(root, "proc/self/status")))?.[1];
  const first = Number.parseInt(textOf(join(root, "proc/sys/net/ipv4/ip_unprivileged_port_start")), 10);
  return {
    descriptors: limits === undefined ? undefined : limits === "unlimited" ? Number.POSITIVE_INFINITY : Number(limits),
    firstFreePort: Number.isNaN(first) ? 1024 : first,
    mayBindAnyPort: ((BigInt(`0x${effective ?? "0"}`) >> netBindService) & 1n) === 1n,
  };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/**
 * Everything of a lab host that Ropewalk may change, as its own tools print it. Left out, because time alone changes it: counters,
 * ages and lifetimes, and what the kernel writes of carriers (linkdown), which the tests themselves pull.
 */
import type { LabHost } from "@ropewalk/lab/lab-host";

const commands: readonly (readonly [string, ...string[]])[] = [
  ["ip", "-N", "-4", "rule", "show"],
  ["ip", "-N", "-6", "rule", "show"],
  ["ip", "-N", "-4", "route", "show", "table", "all"],
  ["ip", "-N", "-6", "route", "show", "table", "all"],
  ["ip", "-N", "nexthop", "show"],
  ["ip", "-N", "address", "show"],
  ["nft", "--stateless", "list", "ruleset"],
  ["tc", "qdisc", "show"],
  ["cat", "/etc/resolv.conf"],
  ["sh", "-c", "cd /proc/sys/net && grep -r . ipv4/conf ipv6/conf ipv4/fib_* ipv6/fib_* 2>/dev/null | sort"],
];

/** One text; equal texts mean an equal machine. */
export async function snapshot(host: LabHost): Promise<string> {
  const parts = await Promise.all(
    commands.map(async ([command, ...args]) => {
      const { stdout } = await host.tryExec(command, args);
      return `# ${[command, ...args].join(" ")}\n${withoutTime(stdout)}`;
    }),
  );
  return parts.join("\n");
}

function withoutTime(text: string): string {
  return text
    .replaceAll(/\s+(expires|valid_lft|preferred_lft|age) \S+/g, "")
    .replaceAll(/ (linkdown|dead)\b/g, "")
    .replaceAll(/\/(stable_secret|mtu|router_solicitation\S*):.*/g, "/$1");
}

/**
 * Everything of a lab host that Ropewalk may change, as the machine's own tools print it. Left out, because time alone changes
 * it: counters, ages and lifetimes, and what the kernel writes of carriers (linkdown), which whoever looks pulls himself.
 */
import type { LabHost } from "./lab-host.ts";

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

/** What a command printed, by the command. */
export type MachineSnapshot = ReadonlyMap<string, string>;

/** Throws LAB_COMMAND_FAILED: two machines of which nothing is known are not equal. */
export async function takeSnapshot(host: LabHost): Promise<MachineSnapshot> {
  const parts = commands.map(async ([command, ...args]) => {
    const { stdout } = await host.exec(command, args);
    return [[command, ...args].join(" "), withoutTime(stdout)] as const;
  });
  return new Map(await Promise.all(parts));
}

/** As one text, for who compares whole machines and wants to see the lines that differ. */
export async function snapshot(host: LabHost): Promise<string> {
  return [...(await takeSnapshot(host))].map(([command, printed]) => `# ${command}\n${printed}`).join("\n");
}

/** The commands that print something else than they did. */
export function differences(before: MachineSnapshot, after: MachineSnapshot): readonly string[] {
  return [...before.keys()].filter((command) => before.get(command) !== after.get(command));
}

function withoutTime(text: string): string {
  return text
    .replaceAll(/\s+(expires|valid_lft|preferred_lft|age) \S+/g, "")
    .replaceAll(/ (linkdown|dead)\b/g, "")
    .replaceAll(/\/(stable_secret|mtu|router_solicitation\S*):.*/g, "/$1");
}

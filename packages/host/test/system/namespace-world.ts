/**
 * The contract's world on the real kernel: veth pairs in the namespace of this process, moved by `ip`. Commands run
 * while the event loop stands still, so that what one call does is one batch for the watch.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createNative, ERRNO, type Native } from "@ropewalk/host/linux/native";
import { createNetworkReader } from "@ropewalk/host/linux/network-reader";
import { createNetworkWatch } from "@ropewalk/host/linux/network-watch";
import type { NetworkWatchOptions } from "@ropewalk/host/ports";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { networkGroups, openEventSocket } from "../../src/linux/netlink-socket.ts";
import { decodeEvent } from "../../src/netlink/event.ts";
import { splitMessages } from "../../src/netlink/message.ts";
import type { Step, World } from "../ports/world.ts";
import { ipAddresses, ipLinks } from "./ip-facts.ts";
import { announceDns } from "./router-advertisement.ts";

/** Runs `ip -batch`; each line is a command without its `ip`. Lines that begin with "-6 " go to a batch of their own. */
export function ipBatch(lines: readonly string[]): void {
  const isIpv6 = (line: string | undefined) => line?.startsWith("-6 ") === true;
  for (let start = 0; start < lines.length; ) {
    const family = isIpv6(lines[start]);
    let end = start;
    while (end < lines.length && isIpv6(lines[end]) === family) end += 1;
    const input = `${lines.slice(start, end).join("\n").replaceAll(/^-6 /gm, "")}\n`;
    execFileSync("ip", [...(family ? ["-6"] : []), "-batch", "-"], { input, stdio: ["pipe", "ignore", "pipe"] });
    start = end;
  }
}

/** Until these have their link-local addresses, a second or two after they are up, or later on a busy machine: they bring routes along. */
export async function linkLocals(names: readonly string[]): Promise<void> {
  const end = performance.now() + 30_000;
  const isThere = (ifindex: number) =>
    ipAddresses().some((one) => one.ifindex === ifindex && one.scope === "link" && !one.isTentative);
  const indexes = ipLinks().flatMap(({ name, ifindex }) => (names.includes(name) ? [ifindex] : []));
  while (!indexes.every(isThere)) {
    if (performance.now() > end) throw new Error(`not all of ${names.join(", ")} have link-local addresses`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export async function createNamespaceWorld(options: NetworkWatchOptions): Promise<World> {
  const native = createNative();
  const watch = await createNetworkWatch(native, createSystemClock(), options);
  const witness = openEventSocket(native, networkGroups, 1 << 20);
  const perform = (steps: readonly Step[]) => {
    for (const step of steps) {
      while (native.receive(witness, new Uint8Array(1)) !== -ERRNO.EAGAIN);
      performOne(step);
      if (step.kind === "carrier") awaitCarrierEvent(native, witness, step);
    }
  };
  return {
    watch,
    reader: createNetworkReader(native),
    perform: (...steps) => perform(steps),
    performUnheard: (...steps) => {
      ipBatch(["link add name flood0 type veth peer name flood1"]);
      // Far more than the event socket holds: its buffer is 8 MiB, a link message with its overhead at least 1 KiB.
      ipBatch(Array.from({ length: 20_000 }, (_, index) => `link set dev flood0 mtu ${1000 + (index % 2)}`));
      for (const step of steps) performOne(step);
      ipBatch(["link del dev flood0"]);
    },
    announceDns: (name, servers, lifetime) => announceDns(native, `${name}p`, servers, lifetime),
    async [Symbol.asyncDispose]() {
      await watch[Symbol.asyncDispose]();
      native.close(witness);
      removeAllLinks();
    },
  };
}

/** The kernel tells of carriers from a worker of its own, and of a down and an up that it has not told yet not at all. */
function awaitCarrierEvent(native: Native, witness: number, step: Extract<Step, { readonly kind: "carrier" }>): void {
  const buffer = new Uint8Array(65_536);
  const deadline = performance.now() + 5000;
  while (performance.now() < deadline) {
    const length = native.receive(witness, buffer);
    if (length < 0) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      continue;
    }
    const events = splitMessages(buffer.subarray(0, length)).messages.map(decodeEvent);
    const isTold = (event: (typeof events)[number]) =>
      event?.kind === "link" && event.link.name === step.name && event.link.hasCarrier === step.on;
    if (events.some(isTold)) return;
  }
  throw new Error(`the kernel did not tell of the carrier of ${step.name}`);
}

/** Back to a namespace with nothing but loopback. */
export function removeAllLinks(): void {
  const names = execFileSync("ip", ["-o", "link", "show", "type", "veth"], { encoding: "utf8" }).matchAll(
    /^\d+: ([^@:]+)/gm,
  );
  for (const [, name = ""] of names) {
    // The other end of a pair is gone with the first.
    execFileSync("sh", ["-c", 'ip link del dev "$1" 2>/dev/null || true', "sh", name]);
  }
}

/** Settings are in /proc/sys of this process' own namespace; their `name` may be "all". */
function performOne(step: Step): void {
  switch (step.kind) {
    case "skip-dead-routes": {
      const { family, name, on } = step;
      writeFileSync(`/proc/sys/net/${family}/conf/${name}/ignore_routes_with_linkdown`, on ? "1" : "0");
      break;
    }
    case "reverse-path-filter": {
      const { name, filter } = step;
      writeFileSync(`/proc/sys/net/ipv4/conf/${name}/rp_filter`, { off: "0", strict: "1", loose: "2" }[filter]);
      break;
    }
    default:
      ipBatch(commands(step));
  }
}

/** A link is one end of a veth pair; its carrier is whether the other end is up. */
function commands(
  step: Exclude<Step, { readonly kind: "skip-dead-routes" | "reverse-path-filter" }>,
): readonly string[] {
  const { name } = step;
  const peer = `${name}p`;
  switch (step.kind) {
    case "add-link":
      return [
        `link add name ${name} type veth peer name ${peer}`,
        `link set dev ${peer} up`,
        `link set dev ${name} up`,
      ];
    case "remove-link":
      return [`link del dev ${name}`];
    case "carrier":
      return [`link set dev ${peer} ${step.on ? "up" : "down"}`];
    case "enabled":
      return [`link set dev ${name} ${step.on ? "up" : "down"}`];
    case "rename":
      return [`link set dev ${name} name ${step.to}`];
    case "mtu":
      return [`link set dev ${name} mtu ${step.octets}`];
    case "add-address":
      return [`address add ${step.prefix} dev ${name}`];
    case "remove-address":
      return [`address del ${step.prefix} dev ${name}`];
    case "set-route":
    case "remove-route": {
      const source = step.source === undefined ? "" : ` src ${step.source}`;
      const verb = step.kind === "set-route" ? "replace" : "del";
      return [`route ${verb} ${step.to} via ${step.via} dev ${name} metric ${step.metric}${source}`];
    }
  }
}

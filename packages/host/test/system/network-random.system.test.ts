/**
 * After any sequence of changes the watched facts are what the kernel has, whatever was told by events and whatever was
 * not. ROPEWALK_TEST_SEED repeats a run.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { createNative } from "@ropewalk/host/linux/native";
import { createNetworkWatch } from "@ropewalk/host/linux/network-watch";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { assertAgreement } from "./agreement.ts";

const rounds = 20;
const links = ["v0", "v1", "v2"] as const;

/** mulberry32: small, seeded, good enough to choose commands. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** One command; many are refused by the kernel, which is as good a test as the others. */
function command(next: (below: number) => number): string {
  const index = next(links.length);
  const link = links[index] ?? "v0";
  const gateway = `10.${index}.0.${250 + next(3)}`;
  const gateway6 = `2001:db8:${index}::${1 + next(3)}00`;
  const verb = ["add", "append", "replace", "del", "change"][next(5)] ?? "add";
  const onOff = next(3) === 0 ? "down" : "up";
  const commands = [
    () => `link add name ${link} type veth peer name ${link}p`,
    () => `link del dev ${link}`,
    () => `link set dev ${link} ${onOff}`,
    () => `link set dev ${link}p ${onOff}`,
    () => `link set dev ${link} mtu ${1300 + next(5)}`,
    () => `link set dev ${link} name ${link}x`,
    () => `link set dev ${link}x name ${link}`,
    () => `address add 10.${index}.0.${1 + next(2)}/24 dev ${link}`,
    () => `address del 10.${index}.0.${1 + next(2)}/24 dev ${link}`,
    () => `-6 address add 2001:db8:${index}::1/64 dev ${link} nodad`,
    () => `-6 address del 2001:db8:${index}::1/64 dev ${link}`,
    () => `route ${verb} default via ${gateway} metric ${next(2)}`,
    () => `route ${verb} 172.16.0.0/12 via ${gateway} src 10.${index}.0.${1 + next(2)}`,
    () => `route ${verb} 172.17.0.0/16 nexthop via 10.0.0.250 nexthop via 10.1.0.250 weight ${1 + next(3)}`,
    () => `route ${verb} 203.0.113.0/24 via ${gateway} table ${100 + next(2)}`,
    () => `-6 route ${verb} default via ${gateway6} metric ${10 + next(2)}`,
    () => `-6 route ${verb} 2001:db8:f::/48 dev ${link} metric 7`,
    () => `nexthop ${next(2) === 0 ? "replace" : "del"} id ${1 + next(2)} via ${gateway} dev ${link}`,
    () => `route ${verb} 172.18.0.0/16 nhid ${1 + next(2)}`,
    () => `sysctl net.ipv4.conf.${next(3) === 0 ? "all" : link}.rp_filter=${next(3)}`,
  ];
  return commands[next(commands.length)]?.() ?? "";
}

function run(lines: readonly string[]): void {
  for (const line of lines) {
    const [program, ...words] = line.split(" ");
    if (program === "sysctl") spawnSync("sysctl", words, { stdio: "ignore" });
    else spawnSync("ip", program === "-6" ? ["-6", ...words] : ["-4", ...line.split(" ")], { stdio: "ignore" });
  }
}

inOwnNamespace(import.meta.filename, () => {
  const seed = Number(process.env["ROPEWALK_TEST_SEED"] ?? 20_261_120);
  test(`facts are the kernel's own after ${rounds} rounds of random commands (seed ${seed})`, async () => {
    const next = random(seed);
    await using watch = await createNetworkWatch(createNative(), createSystemClock(), { keepRoute: () => true });
    for (const link of links)
      run([`link add name ${link} type veth peer name ${link}p`, `link set ${link} up`, `link set ${link}p up`]);
    const done: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const lines = Array.from({ length: 1 + next(12) }, () => command(next));
      run(lines);
      done.push(`round ${round}:`, ...lines);
      await assertAgreement(() => watch.facts, done.slice(-40).join("\n"));
    }
    assert.equal(watch.counts.undecodable, 0);
  });
});

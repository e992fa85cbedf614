/**
 * dpinger: one echo each interval to one address, and an alarm on the loss over a sliding window. Its binary comes from
 * DPINGER. It has no threshold of its own: 20 % of loss and 500 ms are those that pfSense and OPNsense give it.
 */
import { accessSync, constants } from "node:fs";
import { resolve } from "node:path";
import type { Lab } from "@ropewalk/lab/lab";
import { VerdictLog } from "../verdict-log.ts";
import { ipv4AddressOf, ipv4GatewayOf } from "./addresses.ts";
import type { Entrant, Peer, RunningPeer } from "./peer.ts";
import { PeerProcesses } from "./peer-process.ts";

const target = "198.51.100.53";

/** The second has everything ten times as fast, so that its window holds as many echoes as the first one's. */
export const dpingerVariants = [
  { column: "dpinger", options: [], windowMs: 60_000 },
  { column: "dpinger 50 ms, 6 s", options: ["-s", "50m", "-t", "6s", "-A", "100m"], windowMs: 6_000 },
] as const;
const columns = dpingerVariants.map(({ column }) => column);

/** `binary` is undefined when DPINGER is not set. */
export function dpinger(binary: string | undefined): Entrant {
  const found = findDpinger(binary);
  if (found.kind === "lacking") return { kind: "not run", columns, why: found.why };
  return { kind: "ready", peer: peer(found.path) };
}

type FoundDpinger =
  | { readonly kind: "found"; readonly path: string }
  | { readonly kind: "lacking"; readonly why: string };

export function findDpinger(binary: string | undefined): FoundDpinger {
  if (binary === undefined || binary === "")
    return {
      kind: "lacking",
      why: "dpinger: DPINGER not set; it is not in Debian, its source is github.com/dennypage/dpinger (make)",
    };
  const path = resolve(binary);
  try {
    accessSync(path, constants.X_OK);
    return { kind: "found", path };
  } catch {
    return { kind: "lacking", why: `dpinger: DPINGER=${binary} is no program` };
  }
}

/** It asks `target` by `uplink`, to which edge's own routes must lead from there, and runs `alarm` at each change. */
export function dpingerWords(
  path: string,
  { options }: { readonly options: readonly string[] },
  lab: Lab,
  uplink: string,
  alarm: string,
): readonly string[] {
  const common = ["-f", "-r", "0", "-L", "20%", "-D", "500m", "-C", alarm, "-B", ipv4AddressOf(lab, uplink)];
  return [path, ...common, ...options, target];
}

function peer(path: string): Peer {
  return {
    name: "dpinger",
    columns,
    notes: [
      "dpinger: 500 ms, window of 60 s, checked each second; alarm at 20 % of loss, as pfSense sets it. At 50 ms its window and checks are ten times as short too.",
    ],
    stays: "line",
    downLimitMs: 40_000,
    upLimitMs: 120_000,
    // Its window of a minute, full of answers; its own "clear" comes when nearly all of the fault has left it.
    warmUpMs: 63_000,
    restMs: 5_000,
    start: (lab, uplink) => start(path, lab, uplink),
  };
}

async function start(path: string, lab: Lab, uplink: string): Promise<RunningPeer> {
  const edge = lab.host("edge");
  // It binds its source alone, so the address it asks needs a route by the uplink; pfSense makes one just so.
  const route = ["route", "replace", `${target}/32`, "via", ipv4GatewayOf(lab, uplink), "dev", uplink];
  await edge.exec("ip", route);
  const processes = new PeerProcesses();
  processes.defer(async () => void (await edge.tryExec("ip", ["route", "del", `${target}/32`])));
  const monitors = dpingerVariants.map((variant) => {
    const { column } = variant;
    const log = new VerdictLog(false);
    // Its alert command prints "echo TARGET ALARM LATENCY DEVIATION LOSS" on its own output.
    processes.start(edge, column, dpingerWords(path, variant, lab, uplink, "echo"), (said, at) => {
      const alarm = /^\S+ ([01]) \d+ \d+ \d+$/.exec(said)?.[1];
      if (alarm !== undefined) log.say(at, alarm === "1");
    });
    return { column, log };
  });
  return {
    monitors,
    failure: () => processes.failure(),
    [Symbol.asyncDispose]: () => processes[Symbol.asyncDispose](),
  };
}

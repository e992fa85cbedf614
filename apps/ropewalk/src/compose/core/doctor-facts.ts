/** Reads what `ropewalk doctor` judges of an exit. It changes nothing. */
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { NetworkFacts } from "@ropewalk/host/facts";
import { isForwarding } from "@ropewalk/host/linux/forwarding";
import { hasKernelWireGuard } from "@ropewalk/host/linux/kernel-wireguard";
import type { Native } from "@ropewalk/host/linux/native";
import { createNftLibrary } from "@ropewalk/host/linux/native-nft";
import { findProgram } from "@ropewalk/host/linux/programs";
import { type Family, families } from "@ropewalk/kernel/addresses";
import type { CoreFacts } from "../../doctor/core.ts";
import { freeBytes } from "../entry/doctor-facts.ts";

/** `network`: with its default routes; undefined where it could not be read. `state`: the folder of state, which may not be there yet. */
export function readCoreFacts(native: Native, network: NetworkFacts | undefined, state: string): CoreFacts {
  const path = nearest(state);
  return {
    disk: { path, freeBytes: freeBytes(path) },
    hasKernelWireGuard: hasKernelWireGuard(native),
    wireGuardGo: findProgram("wireguard-go"),
    hasTun: existsSync("/dev/net/tun"),
    nft: findProgram("nft"),
    hasNftLibrary: hasNftLibrary(native),
    mostTracked: numberIn("/proc/sys/net/netfilter/nf_conntrack_max"),
    forwarded: families.filter((family) => isForwarding([family])),
    mayForward: isWritable("/proc/sys/net/ipv4/conf/all/forwarding"),
    reached: network === undefined ? undefined : reachedBy(network),
  };
}

function reachedBy({ routes }: NetworkFacts): readonly Family[] {
  const there = new Set(routes.filter(({ destination }) => destination.length === 0).map(({ family }) => family));
  return families.filter((family) => there.has(family));
}

function hasNftLibrary(native: Native): boolean {
  try {
    createNftLibrary(native)[Symbol.dispose]();
    return true;
  } catch {
    return false;
  }
}

function nearest(folder: string): string {
  return existsSync(folder) ? folder : nearest(dirname(folder));
}

function numberIn(path: string): number | undefined {
  try {
    return Number(readFileSync(path, "latin1"));
  } catch {
    return undefined;
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

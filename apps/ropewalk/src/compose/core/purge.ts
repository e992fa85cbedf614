/** Takes everything of an exit that was stopped off the machine: firewall, device, tracked connections, settings. Its key and leases stay. */
import { vpnFirewallTable } from "@ropewalk/host/allocations";
import { createNative, type Native } from "@ropewalk/host/linux/native";
import { createNftLibrary } from "@ropewalk/host/linux/native-nft";
import { createNftCli } from "@ropewalk/host/linux/nft-program";
import type { Nft } from "@ropewalk/host/nft";
import { settingPath } from "@ropewalk/host/settings";
import { prefixContains } from "@ropewalk/kernel/addresses";
import type { Clock } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import type { CoreConfig } from "@ropewalk/vpn/node/config";
import { ExitFirewall } from "@ropewalk/vpn/node/exit-firewall";
import { createPeerFlows } from "@ropewalk/vpn/node/peer-flows";
import type { CommandContext } from "../../command-context.ts";
import { endExitDevice } from "./exit-device.ts";
import { exitKeyFile, exitPublicKey } from "./exit-key.ts";
import { openMachineSettings } from "./machine-settings.ts";
import { requirePrivilege } from "./requirements.ts";

export interface CorePurge {
  /** What was taken away, in order. */
  readonly done: readonly string[];
  /** What could not be, and why. */
  readonly refused: readonly string[];
}

export function openNft(driver: CoreConfig["natDriver"], native: Native, clock: Clock): Nft {
  return driver === "native" ? createNftLibrary(native) : createNftCli(native, clock);
}

/** `folder` is the exit's own, locked by the caller. Throws APP_PERMISSION. */
export async function purgeCore(core: CoreConfig, folder: string, context: CommandContext): Promise<CorePurge> {
  const native = createNative();
  requirePrivilege(native);
  const done: string[] = [];
  const refused: string[] = [];
  const step = async (what: string, work: () => Promise<boolean | undefined> | boolean) => {
    try {
      if (await work()) done.push(what);
    } catch (error) {
      refused.push(`${what}: ${describeError(error)}`);
    }
  };
  const { clock } = context;
  // First: without translation nothing that peers send comes back.
  await step(`firewall table inet ${vpnFirewallTable}`, () => purgeFirewall(core, native, clock));
  await step(`device ${core.interface}`, () => {
    const own = exitPublicKey(exitKeyFile(core, folder));
    return endExitDevice(core.interface, own, { native, clock });
  });
  await step("tracked connections of peers", () => endFlows(core, native));
  await step("settings of the machine", () => {
    using settings = openMachineSettings(folder, clock);
    const outcomes = settings.keeper.want([]);
    for (const { setting, result } of outcomes) {
      if (result.kind === "refused") refused.push(`${settingPath(setting)}: ${result.detail}`);
      else if (result.kind === "restored") done.push(`setting ${settingPath(setting)}`);
    }
    return false;
  });
  return { done, refused };
}

async function purgeFirewall({ natDriver }: CoreConfig, native: Native, clock: Clock): Promise<boolean> {
  using nft = openNft(natDriver, native, clock);
  const firewall = new ExitFirewall(nft, clock);
  const listing = await nft.list(`list table inet ${vpnFirewallTable}`);
  const outcome = await firewall.purge();
  if (outcome.kind === "refused") throw new Error(outcome.detail);
  return listing.kind === "listed";
}

function endFlows({ addresses }: CoreConfig, native: Native): boolean {
  using flows = createPeerFlows(native);
  const ended = flows.endAll((source) => addresses.some((pool) => prefixContains(pool, source)));
  if (ended.kind === "failed") throw new Error(ended.detail);
  return ended.count > 0;
}

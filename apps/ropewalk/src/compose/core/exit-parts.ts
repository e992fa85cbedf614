/** Makes the exit itself: its device, firewall and leases, and the machine that forwards for it. What is made leaves with the program, and the tunnels stay. */

import { join } from "node:path";
import { createMachineClock, readKernelBoot } from "@ropewalk/host/linux/machine-clock";
import type { Native } from "@ropewalk/host/linux/native";
import type { WireGuardDevice } from "@ropewalk/host/wireguard/device";
import { wireGuardPublicKeyOf } from "@ropewalk/host/wireguard/key-pair";
import type { Clock } from "@ropewalk/kernel/clock";
import { type BroughtUp, bringUp } from "@ropewalk/vpn/node/bring-up";
import { capacityOf } from "@ropewalk/vpn/node/config";
import { ExitFirewall } from "@ropewalk/vpn/node/exit-firewall";
import { ExitNode } from "@ropewalk/vpn/node/exit-node";
import { createPeerFlows } from "@ropewalk/vpn/node/peer-flows";
import type { DeviceDriver } from "@ropewalk/vpn/node/pure/device-plan";
import type { Assembly } from "../assembly.ts";
import { DeviceKeeper } from "./device-keeper.ts";
import { EgressWatch } from "./egress-watch.ts";
import { chooseDevice } from "./exit-device.ts";
import { exitKeyFile, withExitKey } from "./exit-key.ts";
import { exitTableOf, familiesOf } from "./exit-table.ts";
import { turnOnForwarding } from "./forwarding.ts";
import { openMachineSettings } from "./machine-settings.ts";
import { openNft } from "./purge.ts";
import { requireProduction } from "./requirements.ts";

export interface ExitParts {
  readonly node: ExitNode;
  readonly driver: DeviceDriver;
  readonly device: WireGuardDevice;
  readonly broughtUp: BroughtUp;
  readonly firewall: ExitFirewall;
  /** The machine's, by which leases and deadlines are counted. */
  readonly clock: Clock;
}

export interface ExitOrigin {
  readonly native: Native;
  /** The exit's own, below the state folder. */
  readonly folder: string;
  /** Files that nobody else may change in production, besides the key. */
  readonly guarded: readonly string[];
}

/** All that is made registers its own end. Throws what stands in the way: APP_*, OPS_*, HOST_*, VPN_*. */
export async function openExit(assembly: Assembly, { native, folder, guarded }: ExitOrigin): Promise<ExitParts> {
  const { context, config, log, health, shutdown } = assembly;
  const { core } = config.values;
  const clock = createMachineClock();
  const made = new AsyncDisposableStack();
  shutdown.register("clean-up", { name: "exit", run: () => made.disposeAsync() });
  const keyFile = exitKeyFile(core, folder);
  const { driver, device, start } = await withExitKey(keyFile, log, (key) => {
    requireProduction(core, { uid: context.user.uid, paths: [keyFile, ...guarded], key });
    return chooseDevice(core, wireGuardPublicKeyOf(key), { native, clock, log });
  });
  const makeDevice = () => withExitKey(keyFile, log, (key) => bringUp(core, key, { native, device, start }));
  const broughtUp = await makeDevice();
  const { was, written } = broughtUp;
  log.info({ device: core.interface, written }, was === "started" ? "the device is made" : "the device was there");
  const nft = made.use(openNft(core.natDriver, native, clock));
  const firewall = new ExitFirewall(nft, clock);
  const flows = made.use(createPeerFlows(native));
  const node = made.use(
    await ExitNode.open({
      ...{ tunnel: core.interface, device, firewall, table: exitTableOf(core), flows },
      ...{ storePath: join(folder, "leases.sqlite"), kernelBoot: readKernelBoot(), clock },
      ...{
        capacity: capacityOf(core),
        quarantine: core.quarantine,
        reconcileEvery: core.reconcile,
        log: log.child({ part: "exit" }),
      },
    }),
  );
  // Last: nothing is forwarded before the firewall says what.
  turnOnForwarding(core.interface, familiesOf(core), made.use(openMachineSettings(folder, clock)), log);
  const keeper = made.use(
    new DeviceKeeper({
      ...{ clock, log: log.child({ part: "device" }), fill: () => node.reconcile() },
      isRight: async () => (await device.read()).publicKey === broughtUp.publicKey,
      bringUp: async () => void (await makeDevice()),
    }),
  );
  const egress = { native, clock, log: log.child({ part: "egress" }), health: health.subsystem("egress") };
  const onMoved = () => node.setEndpointsAgain();
  const onDeviceGone = () => keeper.look();
  const own = { interface: core.interface, families: familiesOf(core) };
  made.use(await EgressWatch.open({ ...egress, ...own, onMoved, onDeviceGone }));
  made.use(node.watch(() => node.status().isHealthy || keeper.look()));
  return { node, driver, device, broughtUp, firewall, clock };
}

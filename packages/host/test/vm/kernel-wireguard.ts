/** In the virtual machine: WireGuard of the kernel keeps the contract of WireGuard devices, with wireguard-go at the other ends of its tunnels. */
import { suite } from "node:test";
import { createKernelDevice, makeKernelDevice, removeKernelDevice } from "@ropewalk/host/linux/kernel-wireguard";
import { createNative } from "@ropewalk/host/linux/native";
import { families } from "@ropewalk/kernel/addresses";
import { type DeviceMaker, openTunnelRig } from "../system/wireguard-world.ts";
import { wireGuardDeviceContract } from "../wireguard/wireguard-device.contract.ts";
import { wireGuardTunnelContract } from "../wireguard/wireguard-tunnel.contract.ts";

const native = createNative();
const kernel: DeviceMaker = {
  start: async (name) => makeKernelDevice(name, native),
  drive: (name) => createKernelDevice(name, native),
  end: async (name) => removeKernelDevice(name, native),
};

wireGuardDeviceContract(async () => {
  await kernel.start("device0");
  const end = () => kernel.end("device0");
  return { device: kernel.drive("device0"), kill: end, [Symbol.asyncDispose]: end };
});
for (const family of families) suite(family, () => wireGuardTunnelContract(() => openTunnelRig(family, kernel)));

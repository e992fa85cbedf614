/** wireguard-go over its socket keeps the contract of WireGuard devices, and its tunnels do what they are told, by IPv4 and by IPv6. */
import { suite } from "node:test";
import { families } from "@ropewalk/kernel/addresses";
import { inOwnNamespace, ownProcesses } from "../in-own-namespace.ts";
import { wireGuardDeviceContract } from "../wireguard/wireguard-device.contract.ts";
import { wireGuardTunnelContract } from "../wireguard/wireguard-tunnel.contract.ts";
import { openDeviceRig, openTunnelRig, ownSockets } from "./wireguard-world.ts";

const defineTests = () => {
  ownSockets();
  wireGuardDeviceContract(openDeviceRig);
  for (const family of families) suite(family, () => wireGuardTunnelContract(() => openTunnelRig(family)));
};

inOwnNamespace(import.meta.filename, defineTests, [], ownProcesses);

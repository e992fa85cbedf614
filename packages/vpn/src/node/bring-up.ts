/**
 * Makes the device of an exit, or takes over the one that is there: its key and port, its interface with its addresses, up. What is right stays
 * untouched, for tunnels go through it while its program starts again.
 */
import type { Native } from "@ropewalk/host/linux/native";
import { setUpInterface } from "@ropewalk/host/linux/tunnel-interface";
import type { WireGuardDevice, WireGuardState } from "@ropewalk/host/wireguard/device";
import type { WireGuardPublicKey } from "@ropewalk/host/wireguard/public-key";
import type { Prefix } from "@ropewalk/kernel/addresses";
import { InternalError } from "@ropewalk/kernel/errors";
import type { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { bytes } from "@ropewalk/kernel/units";

export interface WantedDevice {
  readonly listenPort: number;
  readonly addresses: readonly Prefix[];
  readonly mtu: number;
}

export interface BringUpDeps {
  readonly native: Native;
  readonly device: WireGuardDevice;
  readonly start: () => Promise<"started" | "there">;
}

export interface BroughtUp {
  readonly publicKey: WireGuardPublicKey;
  readonly was: "started" | "there";
  /** What was not as it is wanted, and is now. */
  readonly written: readonly string[];
}

/** `key` stays the caller's. Throws WireGuardError and HOST_NETLINK. */
export async function bringUp(
  { listenPort, addresses, mtu }: WantedDevice,
  key: SecretBytes,
  { native, device, start }: BringUpDeps,
): Promise<BroughtUp> {
  const was = await start();
  const before = await device.read();
  // To be told its port again would close and open its sockets.
  const isPortRight = before.listenPort === listenPort;
  await device.configure({ privateKey: key, ...(isPortRight ? {} : { listenPort }) });
  const after = await device.read();
  const written = setUpInterface(native, { name: device.name, addresses, mtu: bytes(mtu) });
  return {
    ...{ publicKey: publicKeyOf(after), was },
    written: [
      ...(before.publicKey === after.publicKey ? [] : ["key"]),
      ...(isPortRight ? [] : [`port ${listenPort}`]),
      ...written,
    ],
  };
}

function publicKeyOf({ publicKey }: WireGuardState): WireGuardPublicKey {
  if (publicKey === undefined) throw new InternalError("a device that was given a key has one");
  return publicKey;
}

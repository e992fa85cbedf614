/**
 * The device of an exit under one of its drivers: wireguard-go, a process of its own, or the kernel, where a device stays until somebody removes
 * it. What is there already is taken over; a device of the kernel only where its key is the exit's, for it may be somebody else's.
 */
import {
  createKernelDevice,
  makeKernelDevice,
  removeKernelDevice,
  tryKernelDevice,
} from "@ropewalk/host/linux/kernel-wireguard";
import type { Native } from "@ropewalk/host/linux/native";
import { createUapiDevice } from "@ropewalk/host/linux/uapi-device";
import { isWireGuardGoThere } from "@ropewalk/host/linux/wireguard-go";
import type { WireGuardDevice } from "@ropewalk/host/wireguard/device";
import { WireGuardError } from "@ropewalk/host/wireguard/errors";
import type { WireGuardPublicKey } from "@ropewalk/host/wireguard/public-key";
import type { Clock } from "@ropewalk/kernel/clock";
import type { Log } from "@ropewalk/ops/log";
import type { CoreConfig } from "@ropewalk/vpn/node/config";
import { type DeviceDriver, planDevice } from "@ropewalk/vpn/node/pure/device-plan";
import { AppError } from "../../errors.ts";
import { endDevice, startDevice } from "./start-device.ts";

export interface ExitDevice {
  readonly driver: DeviceDriver;
  readonly device: WireGuardDevice;
  /** Makes it where it is not there. Throws WireGuardError. */
  readonly start: () => Promise<"started" | "there">;
}

export interface ExitDeviceDeps {
  readonly native: Native;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * `own` is the exit's public key. A device of the driver that is not wanted is ended: its peers are written to the other when the exit opens, and
 * each customer is carried again when he shakes hands anew. Throws WireGuardError, and APP_CONFIG where the kernel is wanted and has no WireGuard.
 */
export async function chooseDevice(
  { interface: name, driver: wish }: Pick<CoreConfig, "interface" | "driver">,
  own: WireGuardPublicKey,
  deps: ExitDeviceDeps,
): Promise<ExitDevice> {
  const { native, log } = deps;
  const present = await presentDriver(name, own, deps);
  const plan = planDevice(wish, present, () => tryKernelDevice(native));
  if (plan.kind === "refuse")
    throw new AppError("APP_CONFIG", `core.driver = "kernel", and ${plan.why}: "auto" uses wireguard-go then`);
  const { kind, driver } = plan;
  if (kind === "replace") {
    log.warn(
      { device: name, driver },
      "the device is made anew by another driver: peers come back as they shake hands",
    );
    await endExitDevice(name, own, deps);
  } else {
    const reason = kind === "make" ? plan.why : undefined;
    log.info(
      { device: name, driver, wanted: wish, ...(reason === undefined ? {} : { reason }) },
      "the device's driver",
    );
  }
  return driver === "kernel" ? kernelDevice(name, native) : goDevice(name, deps);
}

/** Whoever made it; `false` where there was none. Throws WireGuardError, also for a device of the kernel that is not the exit's. */
export async function endExitDevice(
  name: string,
  own: WireGuardPublicKey | undefined,
  { native, clock }: Pick<ExitDeviceDeps, "native" | "clock">,
): Promise<boolean> {
  const isOfGo = await isWireGuardGoThere(name, clock).catch(() => true);
  if (!isOfGo && (await presentDriver(name, own, { native, clock })) === "kernel") {
    removeKernelDevice(name, native);
    return true;
  }
  await endDevice(name, { clock });
  return isOfGo;
}

/** Undefined also for an interface of another kind: who makes the device is told. */
async function presentDriver(
  name: string,
  own: WireGuardPublicKey | undefined,
  { native, clock }: Pick<ExitDeviceDeps, "native" | "clock">,
): Promise<DeviceDriver | undefined> {
  if (await isWireGuardGoThere(name, clock)) return "wireguard-go";
  try {
    const { publicKey } = await createKernelDevice(name, native).read();
    if (publicKey === undefined || publicKey === own) return "kernel";
  } catch (error) {
    if (isNone(error)) return undefined;
    throw error;
  }
  throw new WireGuardError(
    "HOST_WIREGUARD_START",
    `${name} is a device with another key than this exit's: choose another core.interface, or remove it (ip link delete ${name})`,
  );
}

function isNone(error: unknown): boolean {
  const codes: readonly string[] = ["HOST_WIREGUARD_NO_DEVICE", "HOST_WIREGUARD_START"];
  return error instanceof WireGuardError && codes.includes(error.code);
}

function kernelDevice(name: string, native: Native): ExitDevice {
  const start = async () => (makeKernelDevice(name, native) === "made" ? "started" : "there");
  return { driver: "kernel", device: createKernelDevice(name, native), start };
}

function goDevice(name: string, { clock }: Pick<ExitDeviceDeps, "clock">): ExitDevice {
  const start = () => startDevice(name, { clock });
  return { driver: "wireguard-go", device: createUapiDevice(name, { clock }), start };
}

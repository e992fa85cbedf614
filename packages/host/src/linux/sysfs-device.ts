/**
 * Which device an interface is, from /sys/class/net. Source: Linux ABI/testing/sysfs-class-net and
 * Documentation/driver-api/driver-model/overview.rst (links `device`, `driver`, `subsystem`).
 */
import { existsSync } from "node:fs";
import type { DeviceFacts } from "../facts.ts";
import { isInterfaceName } from "../pure/interface-name.ts";
import { readSysfsLinkName, readSysfsNumber, readSysfsText, realPathBelow } from "./sysfs-text.ts";

/** Drivers say 0, -1 or 65535 (SPEED_UNKNOWN cut to 16 bits) where they do not know. */
const fastestMbps = 10_000_000;
const unknownSpeeds = new Set([0, -1, 65535]);

/**
 * Undefined when there is no such interface, or it vanished or became another while it was read.
 * `sysfs` is where sysfs is mounted.
 */
export function readSysfsDevice(sysfs: string, name: string): DeviceFacts | undefined {
  if (!isInterfaceName(name)) return undefined;
  const folder = `${sysfs}/class/net/${name}`;
  const devices = `${sysfs}/devices`;
  const place = realPathBelow(devices, folder);
  if (place === undefined) return undefined;
  const isVirtual = place.startsWith("virtual/");
  const hardware = realPathBelow(devices, `${folder}/device`) ?? place.replace(/\/net\/[^/]+$/, "");
  const facts: DeviceFacts = {
    devicePath: isVirtual ? place : hardware,
    isVirtual,
    driver: readSysfsLinkName(`${folder}/device/driver`),
    devType: devTypeOf(readSysfsText(`${folder}/uevent`)),
    isWireless: existsSync(`${folder}/phy80211`) || existsSync(`${folder}/wireless`),
    bus: readSysfsLinkName(`${folder}/device/subsystem`),
    speedMbps: speedOf(readSysfsNumber(`${folder}/speed`)),
  };
  return realPathBelow(devices, folder) === place ? facts : undefined;
}

/** The value of DEVTYPE in a uevent file: one KEY=VALUE a line. */
export function devTypeOf(uevent: string | undefined): string | undefined {
  return /^DEVTYPE=([\w.-]{1,64})$/m.exec(uevent ?? "")?.[1];
}

function speedOf(speed: number | undefined): number | undefined {
  if (speed === undefined || unknownSpeeds.has(speed)) return undefined;
  return speed > 0 && speed <= fastestMbps ? speed : undefined;
}

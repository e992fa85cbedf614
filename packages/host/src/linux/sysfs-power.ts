/** Where the machine's power comes from. Source: Linux ABI/testing/sysfs-class-power. */
import { readdirSync } from "node:fs";
import type { PowerFacts } from "../facts.ts";
import { readSysfsNumber, readSysfsText } from "./sysfs-text.ts";

const mostSupplies = 64;

interface Supply {
  readonly type: string;
  readonly online: number | undefined;
  readonly capacity: number | undefined;
}

/** `sysfs` is where sysfs is mounted. */
export function readSysfsPower(sysfs: string): PowerFacts {
  const supplies = supplyNames(`${sysfs}/class/power_supply`).flatMap((name) =>
    readSupply(`${sysfs}/class/power_supply/${name}`),
  );
  const feeds = supplies.filter(({ type, online }) => (type === "Mains" || type === "USB") && online !== undefined);
  const levels = supplies.flatMap(({ type, capacity }) =>
    type === "Battery" && capacity !== undefined ? capacity : [],
  );
  return {
    mains: feeds.length === 0 ? "unknown" : feeds.some(({ online }) => online !== 0) ? "online" : "offline",
    batteryPercent: levels.length === 0 ? undefined : Math.min(...levels),
  };
}

function supplyNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder).slice(0, mostSupplies);
  } catch {
    return [];
  }
}

/** None for what feeds a peripheral only (scope "Device": a mouse, a pen). */
function readSupply(folder: string): Supply[] {
  const type = readSysfsText(`${folder}/type`);
  if (type === undefined || readSysfsText(`${folder}/scope`) === "Device") return [];
  const capacity = readSysfsNumber(`${folder}/capacity`);
  const isCapacity = capacity !== undefined && capacity >= 0 && capacity <= 100;
  return [{ type, online: readSysfsNumber(`${folder}/online`), capacity: isCapacity ? capacity : undefined }];
}

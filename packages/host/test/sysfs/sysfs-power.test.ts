/** Power supplies as Linux ABI/testing/sysfs-class-power describes them. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readSysfsPower } from "../../src/linux/sysfs-power.ts";

type Supplies = Readonly<Record<string, Readonly<Record<string, string>>>>;

function powerOf(supplies: Supplies) {
  const sysfs = mkdtempSync(join(tmpdir(), "ropewalk-sysfs-"));
  try {
    for (const [name, files] of Object.entries(supplies)) {
      const folder = join(sysfs, "class/power_supply", name);
      mkdirSync(folder, { recursive: true });
      for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), `${text}\n`);
    }
    return readSysfsPower(sysfs);
  } finally {
    rmSync(sysfs, { recursive: true });
  }
}

const charger = { type: "Mains", online: "1" };
const battery = { type: "Battery", capacity: "71", status: "Discharging" };

test("a machine without power supplies says nothing of its power", () => {
  assert.deepEqual(powerOf({}), { mains: "unknown", batteryPercent: undefined });
});

test("a laptop on its charger, and off it", () => {
  assert.deepEqual(powerOf({ AC: charger, BAT0: battery }), { mains: "online", batteryPercent: 71 });
  const unplugged = { AC: { ...charger, online: "0" }, BAT0: battery };
  assert.deepEqual(powerOf(unplugged), { mains: "offline", batteryPercent: 71 });
});

test("one of several chargers is enough, and the lowest battery counts", () => {
  const usb = { type: "USB", online: "0" };
  const both = { usb, AC: charger, BAT0: battery, BAT1: { ...battery, capacity: "9" } };
  assert.deepEqual(powerOf(both), { mains: "online", batteryPercent: 9 });
});

test("a mouse's battery is not the machine's", () => {
  const mouse = { type: "Battery", scope: "Device", capacity: "3" };
  assert.deepEqual(powerOf({ hidpp_battery_0: mouse }), { mains: "unknown", batteryPercent: undefined });
});

test("a supply that does not say, or says nonsense, is passed over", () => {
  const broken = {
    BAT0: { type: "Battery", capacity: "-5" },
    BAT1: { type: "Battery", capacity: "many" },
    AC: { type: "Mains" },
  };
  assert.deepEqual(powerOf(broken), { mains: "unknown", batteryPercent: undefined });
});

/** Which device an interface is, on trees as the kernel makes them, and on trees that lie. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readSysfsDevice } from "../../src/linux/sysfs-device.ts";
import { isInterfaceName } from "../../src/pure/interface-name.ts";
import { buildDeviceTree, type DeviceTree, deviceTrees } from "./device-trees.ts";

function withSysfs(body: (sysfs: string) => void): void {
  const sysfs = mkdtempSync(join(tmpdir(), "ropewalk-sysfs-"));
  try {
    mkdirSync(join(sysfs, "devices"));
    body(sysfs);
  } finally {
    rmSync(sysfs, { recursive: true });
  }
}

function speedOf(tree: DeviceTree): number | undefined {
  return tree.speed === undefined || tree.speed === "-1" ? undefined : Number(tree.speed);
}

for (const [name, tree] of Object.entries(deviceTrees)) {
  test(`the device of ${name} is read as it is`, () => {
    withSysfs((sysfs) => {
      buildDeviceTree(sysfs, tree);
      assert.deepEqual(readSysfsDevice(sysfs, tree.interfaceName), {
        devicePath: tree.device ?? `virtual/net/${tree.interfaceName}`,
        isVirtual: tree.device === undefined,
        driver: tree.driver,
        devType: tree.devType,
        isWireless: tree.isWireless === true,
        bus: tree.bus,
        speedMbps: speedOf(tree),
      });
    });
  });
}

const { e1000e } = deviceTrees;
assert.ok(e1000e !== undefined);
const eno1 = (sysfs: string, file: string) => join(sysfs, "devices/pci0000:00/0000:00:1f.6/net/eno1", file);

test("an interface that is not there has no device", () => {
  withSysfs((sysfs) => assert.equal(readSysfsDevice(sysfs, "eno1"), undefined));
});

test("names that would leave the folder are refused", () => {
  const names = ["", ".", "..", "a/b", "../../etc", "a name", "eth0:1", "sixteen-letters-", "a\0b"];
  assert.deepEqual(names.filter(isInterfaceName), []);
  withSysfs((sysfs) => assert.equal(readSysfsDevice(sysfs, "../net/eno1"), undefined));
});

test("a link that leads out of the devices is not followed", () => {
  withSysfs((sysfs) => {
    mkdirSync(join(sysfs, "class/net"), { recursive: true });
    symlinkSync("/etc", join(sysfs, "class/net/evil0"));
    assert.equal(readSysfsDevice(sysfs, "evil0"), undefined);
  });
  withSysfs((sysfs) => {
    buildDeviceTree(sysfs, e1000e);
    rmSync(eno1(sysfs, "device"));
    symlinkSync("/etc", eno1(sysfs, "device"));
    assert.equal(readSysfsDevice(sysfs, "eno1")?.devicePath, "pci0000:00/0000:00:1f.6");
  });
});

test("a driver that refuses its speed, or says nonsense, leaves it unknown", () => {
  for (const text of ["", "-1", "0", "65535", "4294967295", "1e9", "fast", "9".repeat(5000)]) {
    withSysfs((sysfs) => {
      buildDeviceTree(sysfs, { ...e1000e, speed: text });
      assert.equal(readSysfsDevice(sysfs, "eno1")?.speedMbps, undefined, JSON.stringify(text));
    });
  }
  withSysfs((sysfs) => {
    buildDeviceTree(sysfs, e1000e);
    rmSync(eno1(sysfs, "speed"));
    mkdirSync(eno1(sysfs, "speed"));
    assert.equal(readSysfsDevice(sysfs, "eno1")?.speedMbps, undefined);
  });
});

test("a uevent without end or meaning gives no DEVTYPE", () => {
  for (const text of [
    "",
    "DEVTYPE=",
    "DEVTYPE=a b\n",
    `DEVTYPE=${"x".repeat(70)}\n`,
    `${"#".repeat(8192)}\nDEVTYPE=wlan\n`,
  ]) {
    withSysfs((sysfs) => {
      buildDeviceTree(sysfs, e1000e);
      writeFileSync(eno1(sysfs, "uevent"), text);
      assert.equal(readSysfsDevice(sysfs, "eno1")?.devType, undefined);
    });
  }
});

test("an interface that loses its folder while it is read has no device", () => {
  withSysfs((sysfs) => {
    buildDeviceTree(sysfs, e1000e);
    renameSync(join(sysfs, "devices/pci0000:00"), join(sysfs, "gone"));
    assert.equal(readSysfsDevice(sysfs, "eno1"), undefined);
  });
});

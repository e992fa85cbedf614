/** Settings of the kernel through /proc/sys, of the network namespace that this process is in. */
import { readFileSync, writeFileSync } from "node:fs";
import { describeError } from "@ropewalk/kernel/errors";
import { isInterfaceName } from "../pure/interface-name.ts";
import { type Setting, type SettingFiles, settingPath } from "../settings.ts";

export function createSettingFiles(): SettingFiles {
  return {
    read(setting) {
      const file = fileOf(setting);
      if (file === undefined) return undefined;
      try {
        const value = Number(readFileSync(file, "latin1"));
        return Number.isInteger(value) ? value : undefined;
      } catch {
        // Gone, or never there: both mean that there is nothing to change.
        return undefined;
      }
    },
    write({ value, ...setting }) {
      const file = fileOf(setting);
      if (file === undefined) return `${settingPath(setting)} has no interface's name in it`;
      try {
        writeFileSync(file, `${value}\n`, { flag: "r+" });
        return undefined;
      } catch (error) {
        return describeError(error);
      }
    },
  };
}

function fileOf(setting: Setting): string | undefined {
  const isSound = setting.kind === "host" || isInterfaceName(setting.interfaceName);
  return isSound ? `/proc/sys/${settingPath(setting)}` : undefined;
}

/** Settings of interfaces through /proc/sys, of the network namespace that this process is in. */
import { readFileSync, writeFileSync } from "node:fs";
import { describeError } from "@ropewalk/kernel/errors";
import { isInterfaceName } from "../pure/interface-name.ts";
import type { Setting, SettingFiles } from "../settings.ts";

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
      if (file === undefined) return `"${setting.interfaceName}" is no interface's name`;
      try {
        writeFileSync(file, `${value}\n`, { flag: "r+" });
        return undefined;
      } catch (error) {
        return describeError(error);
      }
    },
  };
}

function fileOf({ family, interfaceName, name }: Setting): string | undefined {
  return isInterfaceName(interfaceName) ? `/proc/sys/net/${family}/conf/${interfaceName}/${name}` : undefined;
}

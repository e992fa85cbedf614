/** The settings of the machine that an exit changes, with how they were: on the disk before the first of them changes, and given back by a purge. */
import { join } from "node:path";
import { createSettingJournal, settingJournalMigrations } from "@ropewalk/backhaul/steering/setting-journal";
import { createSettingFiles } from "@ropewalk/host/linux/setting-files";
import { SettingKeeper } from "@ropewalk/host/setting-keeper";
import type { Clock } from "@ropewalk/kernel/clock";
import { openStore } from "@ropewalk/ops/store";

export interface MachineSettings extends Disposable {
  readonly keeper: SettingKeeper;
}

/** `folder` is the exit's. Throws OPS_STORE_*. */
export function openMachineSettings(folder: string, clock: Clock): MachineSettings {
  const { store } = openStore(join(folder, "settings.sqlite"), { migrations: settingJournalMigrations, clock });
  const keeper = new SettingKeeper(createSettingFiles(), createSettingJournal(store));
  return { keeper, [Symbol.dispose]: () => store[Symbol.dispose]() };
}

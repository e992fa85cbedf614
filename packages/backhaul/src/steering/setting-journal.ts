/** How the kernel's settings were before Ropewalk changed them, in the node's local store: on disk before the first of them changes. */
import {
  type ChangedSetting,
  type HostSetting,
  type InterfaceSetting,
  type Setting,
  type SettingJournal,
  settingPath,
} from "@ropewalk/host/settings";
import type { Store, StoreRow } from "@ropewalk/ops/store";

/** The store's migrations that this journal needs, in order. */
export const settingJournalMigrations: readonly string[] = [
  `CREATE TABLE backhaul_changed_settings (
     family TEXT NOT NULL CHECK (family IN ('ipv4', 'ipv6')),
     interface_name TEXT NOT NULL,
     name TEXT NOT NULL,
     original INTEGER NOT NULL,
     value INTEGER NOT NULL,
     PRIMARY KEY (family, interface_name, name)
   ) STRICT`,
];

/**
 * `store` must be durable when `run` returns, and nobody else may write to the journal meanwhile. What the store throws, the
 * journal throws. It is read once: it is asked for whenever an uplink changes, and a disk that fails must not keep traffic from
 * being moved.
 */
export function createSettingJournal(store: Pick<Store, "all" | "run">): SettingJournal {
  let entries: readonly ChangedSetting[] | undefined;
  const all = () => {
    entries ??= store
      .all("SELECT family, interface_name, name, original, value FROM backhaul_changed_settings")
      .map(changedOf);
    return entries;
  };
  const others = (setting: Setting) => all().filter((entry) => settingPath(entry) !== settingPath(setting));
  return {
    all,
    put(changed) {
      const after = [...others(changed), changed];
      const { family, name, original, value } = changed;
      store.run(
        "INSERT OR REPLACE INTO backhaul_changed_settings (family, interface_name, name, original, value) VALUES (?, ?, ?, ?, ?)",
        family,
        placeOf(changed),
        name,
        original,
        value,
      );
      entries = after;
    },
    remove(setting) {
      const after = others(setting);
      const { family, name } = setting;
      store.run(
        "DELETE FROM backhaul_changed_settings WHERE family = ? AND interface_name = ? AND name = ?",
        family,
        placeOf(setting),
        name,
      );
      entries = after;
    },
  };
}

const host = "";

/** No interface has the name that stands for the host. */
function placeOf(setting: Setting): string {
  return setting.kind === "interface" ? setting.interfaceName : host;
}

function changedOf(row: StoreRow): ChangedSetting {
  const family = row["family"] === "ipv6" ? "ipv6" : "ipv4";
  const values = { original: Number(row["original"]), value: Number(row["value"]) };
  const interfaceName = String(row["interface_name"]);
  const name = String(row["name"]);
  return interfaceName === host
    ? { kind: "host", family, name: name as HostSetting["name"], ...values }
    : { kind: "interface", family, interfaceName, name: name as InterfaceSetting["name"], ...values };
}

/** The kernel's settings, of an interface or of the host, that Ropewalk may change, and what is kept of how they were. */
import type { Family } from "@ropewalk/kernel/addresses";

/** Source: Documentation/networking/ip-sysctl.rst. */
export type Setting = InterfaceSetting | HostSetting;

/** A file below /proc/sys/net/FAMILY/conf/INTERFACE; the interface "all" stands for the whole network namespace. */
export interface InterfaceSetting {
  readonly kind: "interface";
  readonly family: Family;
  readonly interfaceName: string;
  readonly name: "ignore_routes_with_linkdown" | "rp_filter" | "use_oif_addrs_only" | "forwarding" | "accept_ra";
}

/** A file below /proc/sys/net/FAMILY: of the whole network namespace. */
export interface HostSetting {
  readonly kind: "host";
  readonly family: Family;
  readonly name: "fib_multipath_hash_policy";
}

export type WantedSetting = Setting & { readonly value: number };

/** How a setting was before the first change of ours, and what we made of it. */
export type ChangedSetting = WantedSetting & { readonly original: number };

/** Its file below /proc/sys, which tells it from every other: "net/ipv4/conf/eth0.5/rp_filter". */
export function settingPath(setting: Setting): string {
  const { family, name } = setting;
  switch (setting.kind) {
    case "interface":
      return `net/${family}/conf/${setting.interfaceName}/${name}`;
    case "host":
      return `net/${family}/${name}`;
  }
}

/** Survives whatever ends the process. Throws when it cannot. */
export interface SettingJournal {
  all(): readonly ChangedSetting[];
  put(changed: ChangedSetting): void;
  remove(setting: Setting): void;
}

export interface SettingFiles {
  /** Undefined when there is no such file: the interface is gone, or the kernel has no such setting. */
  read(setting: Setting): number | undefined;
  /** Undefined when it was written, else the system's words. */
  write(wanted: WantedSetting): string | undefined;
}

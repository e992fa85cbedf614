/** The kernel's settings of an interface that Ropewalk may change, and what is kept of how they were. */
import type { Family } from "@ropewalk/kernel/addresses";

/** A file below /proc/sys/net/FAMILY/conf/INTERFACE. Source: Documentation/networking/ip-sysctl.rst. */
export interface Setting {
  readonly family: Family;
  readonly interfaceName: string;
  readonly name: "ignore_routes_with_linkdown" | "rp_filter" | "use_oif_addrs_only";
}

export interface WantedSetting extends Setting {
  readonly value: number;
}

/** How a setting was before the first change of ours, and what we made of it. */
export interface ChangedSetting extends WantedSetting {
  readonly original: number;
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

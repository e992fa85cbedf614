/**
 * The sources from which an uplink's DNS servers and cost are learnt, as one object. It only reads: no process is
 * started, and none of the programs whose files and bus it looks at needs to be there.
 */
import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Clock } from "@ropewalk/kernel/clock";
import type { ResolverFacts } from "../pure/resolver-facts.ts";
import { FolderWatch, type WatchedFolder } from "./folder-watch.ts";
import { type FileRoots, leaseFolderPaths, readLeases } from "./lease-files.ts";
import { NetworkManagerWatch } from "./network-manager-watch.ts";
import { networkdFolders, readNetworkd } from "./networkd-source.ts";
import { readResolvConf } from "./resolv-conf-source.ts";

export interface ResolverSources extends AsyncDisposable {
  /**
   * What every source says now. Files are read afresh, at once and bounded in size; NetworkManager's part is what it
   * last told over the bus, `pending` until it did.
   */
  read(ifindex: number, interfaceName: string): ResolverFacts;
  /**
   * Calls `onChange` when something may have changed, changes close together as one call, and at least every minute,
   * because leases expire and folders appear without a word. Then `read` again: a call tells nothing else.
   */
  watch(onChange: () => void): Disposable;
}

export interface ResolverSourcesConfig {
  readonly roots: FileRoots;
  /** D-Bus address of the system bus: DBUS_SYSTEM_BUS_ADDRESS of the environment, else `defaultSystemBus`. */
  readonly busAddress: string;
}

/** Where everything is on a machine that was not told otherwise. Source: file-hierarchy(7), D-Bus Specification "Well-known Message Bus Instances". */
export const systemRoots: FileRoots = { run: "/run", varLib: "/var/lib", etc: "/etc" };
export const defaultSystemBus = "unix:path=/run/dbus/system_bus_socket";

/** Returns at once; the bus is looked for in the background. The caller disposes it. */
export function createResolverSources(
  config: ResolverSourcesConfig,
  deps: { readonly clock: Clock; readonly chance: () => number },
): ResolverSources {
  const { roots, busAddress } = config;
  const listeners = new Set<() => void>();
  const folders = new FolderWatch(
    () => watchedFolders(roots),
    deps.clock,
    () => {
      for (const listener of [...listeners]) listener();
    },
  );
  const networkManager = new NetworkManagerWatch(busAddress, deps, () => folders.touch());
  return {
    read(ifindex, name) {
      const link = { ifindex, name };
      return {
        networkManager: networkManager.facts(link),
        networkd: readNetworkd(roots.run, link),
        lease: readLeases(roots, link, deps.clock.wall()),
        resolvConf: readResolvConf(roots.etc, link),
      };
    },
    watch(onChange) {
      const listener = () => onChange();
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    async [Symbol.asyncDispose]() {
      folders[Symbol.dispose]();
      await networkManager[Symbol.asyncDispose]();
    },
  };
}

function watchedFolders(roots: FileRoots): readonly WatchedFolder[] {
  const { links, leases } = networkdFolders(roots.run);
  const resolvConf = join(roots.etc, "resolv.conf");
  return [
    { path: links },
    { path: leases },
    ...leaseFolderPaths(roots).map((path) => ({ path })),
    ...[...new Set([resolvConf, targetOf(resolvConf)])].map((file) => ({
      path: dirname(file),
      fileName: basename(file),
    })),
  ];
}

/** The file itself when resolv.conf is a symbolic link into another program's folder. */
function targetOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

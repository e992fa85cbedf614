/** A way to a session: a destination and the path that leads there. Two bindings are one path while sockets on one live on the other. */
import type { Family } from "@ropewalk/kernel/addresses";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import type { Branded } from "@ropewalk/kernel/units";

/** "hub.example:8443", as the configuration has it in canonical form: equal destinations are equal texts. */
export type Destination = Branded<string, "Destination">;

/** "wan0 ipv4". */
export type PathName = Branded<string, "PathName">;

/** Best first; `unmanaged` where no backhaul runs, and the system's own routes decide. */
export type Paths = readonly PathBinding[] | "unmanaged";

export interface Way {
  readonly destination: Destination;
  /** Undefined: whichever the system takes. */
  readonly path: PathBinding | undefined;
}

export type WayKey = Branded<string, "WayKey">;

export function wayKey({ destination, path }: Way): WayKey {
  return `${destination} ${path === undefined ? "" : pathKey(path)}` as WayKey;
}

/** A connection dies with its source address; a new mark or interface makes another way of it. */
function pathKey({ uplinkId, ifindex, source, mark }: PathBinding): string {
  return `${uplinkId} ${ifindex} ${source} ${mark}`;
}

export function pathName(path: PathBinding | undefined): PathName | null {
  return path === undefined ? null : (`${path.name} ${path.family}` as PathName);
}

export function isSamePath(a: PathBinding | undefined, b: PathBinding | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && pathKey(a) === pathKey(b));
}

/** What is bound to no path goes by any. */
export function isUsable(path: PathBinding | undefined, paths: Paths): boolean {
  return path === undefined || paths === "unmanaged" || paths.some((usable) => isSamePath(usable, path));
}

/**
 * The path that a connection on `path` should be on. It stays within its address family while that has a usable path: the
 * destination is known to be reached by it.
 */
export function bestFor(path: PathBinding | undefined, paths: Paths): PathBinding | undefined {
  if (paths === "unmanaged") return path;
  return paths.find(({ family }) => family === path?.family) ?? paths[0];
}

/** True when the paths that can be tried, or their order, are others. */
export function areOtherPaths(before: Paths, after: Paths): boolean {
  if (before === "unmanaged" || after === "unmanaged") return before !== after;
  return before.length !== after.length || before.some((path, index) => !isSamePath(path, after[index]));
}

/** The ways to `destinations`, path by path: each destination by the best path, then each by the next. */
export function waysTo(destinations: readonly Destination[], paths: Paths): readonly Way[] {
  if (paths === "unmanaged") return destinations.map((destination) => ({ destination, path: undefined }));
  return paths.flatMap((path) =>
    destinations
      .filter((destination) => canCarry(path.family, destination))
      .map((destination) => ({ destination, path })),
  );
}

/** A name may have addresses of both families. */
function canCarry(family: Family, destination: Destination): boolean {
  if (destination.startsWith("[")) return family === "ipv6";
  return family === "ipv4" || !/^\d+\.\d+\.\d+\.\d+:/.test(destination);
}

/** Whether a link can still work by where it goes: over a path that the node has, or from an address that this machine has. */
import { parseIpAddress } from "@ropewalk/kernel/addresses";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { unmapped } from "@ropewalk/kernel/mapped-addresses";

export interface OwnPlace {
  /** The address at this end, as a socket tells it. */
  readonly local: string;
  /** The only path by which it goes; undefined: whichever the kernel takes. */
  readonly binding?: PathBinding | undefined;
}

/** One form for each address, whatever tells it. */
export function plainAddress(text: string): string {
  const address = parseIpAddress(text.replace(/%.*$/, ""));
  return address === undefined ? text : unmapped(address);
}

/**
 * `addresses`: those of interfaces that are up and have a carrier, in their one form. A path that has failed
 * says nothing of the neighbours on its own network, whose links are bound to none.
 */
export function isPathGone(
  { local, binding }: OwnPlace,
  addresses: ReadonlySet<string>,
  paths: readonly PathBinding[],
): boolean {
  if (!addresses.has(plainAddress(local))) return true;
  return binding !== undefined && !paths.some((path) => isSamePath(path, binding));
}

/** Whether sockets of one list would go as those of the other; what was measured of the paths does not count. */
export function isSamePaths(one: readonly PathBinding[], other: readonly PathBinding[]): boolean {
  return one.length === other.length && one.every((path) => other.some((known) => isSamePath(path, known)));
}

function isSamePath(one: PathBinding, other: PathBinding): boolean {
  return one.ifindex === other.ifindex && one.source === other.source && one.gateway === other.gateway;
}

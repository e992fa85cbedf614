/** Who may change things over the Unix socket. Pure; the kernel has said who is calling. */
import type { PeerCredentials } from "../machine/peer-credentials.ts";

export interface SocketOwner {
  /** The daemon's own user. */
  readonly uid: number;
  /** The group that the socket was given to; undefined when none is configured. */
  readonly group: number | undefined;
}

/** Root, the daemon's own user and the members of the socket's group. Nobody, when the kernel did not say who calls. */
export function mayChange(peer: PeerCredentials | undefined, owner: SocketOwner): boolean {
  if (peer === undefined) return false;
  if (peer.uid === 0 || peer.uid === owner.uid) return true;
  return owner.group !== undefined && peer.groups.includes(owner.group);
}

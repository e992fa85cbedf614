/** Who is at the other end of a Unix socket, as the kernel states it. Source: unix(7), SO_PEERCRED and SO_PEERGROUPS. */
import type { Socket } from "node:net";
import { isLittleEndian, type Native } from "@ropewalk/host/linux/native";

export interface PeerCredentials {
  /** 0 when the peer lives in a PID namespace that this process cannot see. */
  readonly pid: number;
  readonly uid: number;
  /** The primary group and all others. */
  readonly groups: readonly number[];
}

/** asm-generic/socket.h */
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const SO_PEERGROUPS = 59;
/** NGROUPS_MAX of linux/limits.h is 65536; nobody who may reload a configuration is in more than these. */
const mostGroups = 1024;

/** Undefined when the kernel does not say, which counts as nobody. */
export function peerCredentials(native: Native, socket: Socket): PeerCredentials | undefined {
  const fd = descriptorOf(socket);
  if (fd === undefined) return undefined;
  const ucred = new Uint8Array(12);
  if (native.getOption(fd, SOL_SOCKET, SO_PEERCRED, ucred) !== ucred.length) return undefined;
  const view = new DataView(ucred.buffer);
  const groups = new Uint8Array(mostGroups * 4);
  const groupOctets = native.getOption(fd, SOL_SOCKET, SO_PEERGROUPS, groups);
  const groupView = new DataView(groups.buffer, 0, Math.max(0, groupOctets));
  return {
    pid: view.getInt32(0, isLittleEndian),
    uid: view.getUint32(4, isLittleEndian),
    groups: [
      view.getUint32(8, isLittleEndian),
      ...Array.from({ length: groupView.byteLength / 4 }, (_, index) => groupView.getUint32(index * 4, isLittleEndian)),
    ],
  };
}

/** Node has no public way to a socket's descriptor; its handle has had this field since Node 0.12. */
function descriptorOf(socket: Socket): number | undefined {
  const handle = (socket as Socket & { readonly _handle?: { readonly fd?: unknown } | null })._handle;
  return typeof handle?.fd === "number" && handle.fd >= 0 ? handle.fd : undefined;
}

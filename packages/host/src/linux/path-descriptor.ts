/**
 * Opens the file descriptor below every socket on a path: bound to the device of the binding, marked where that is
 * allowed, then bound to the source address. Whatever fails, the descriptor is closed before the error is thrown.
 */
import { familyOf, type IpAddress } from "@ropewalk/kernel/addresses";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { HostError } from "../errors.ts";
import { describeErrno, socketErrorCode } from "../system-error.ts";
import { AF, ERRNO, type Native } from "./native.ts";
import { encodeSocketAddress } from "./socket-address.ts";
import { encodeInt, SO, SOL_SOCKET } from "./socket-options.ts";

/** IFNAMSIZ of linux/if.h. */
const longestName = 16;

export interface PathDescriptor {
  /** The caller's, who closes it. */
  readonly fd: number;
  readonly isMarked: boolean;
}

export interface DescriptorOptions {
  /** SOCK.*. */
  readonly type: number;
  readonly protocol: number;
  readonly port: number;
  /** Options set before the address is bound. */
  readonly prepare?: (fd: number) => void;
}

/** Throws HOST_PATH_GONE when interface or address are not there, HOST_PERMISSION and HOST_SOCKET for all else. */
export function openPathDescriptor(native: Native, binding: PathBinding, options: DescriptorOptions): PathDescriptor {
  const domain = binding.family === "ipv4" ? AF.INET : AF.INET6;
  const fd = native.socket(domain, options.type, options.protocol);
  if (fd < 0) throw pathError("open a socket", binding, fd);
  try {
    bindToDevice(native, fd, binding);
    options.prepare?.(fd);
    const isMarked = mark(native, fd, binding);
    const bound = native.bind(fd, encodeSocketAddress({ address: binding.source, port: options.port }));
    if (bound === -ERRNO.EADDRNOTAVAIL) {
      throw new HostError("HOST_PATH_GONE", `${binding.source} is no usable address of ${binding.name} any more`, {
        errno: -bound,
      });
    }
    if (bound < 0) throw pathError(`bind port ${options.port}`, binding, bound);
    return { fd, isMarked };
  } catch (error) {
    native.close(fd);
    throw error;
  }
}

/** The HostError for the negated errno `result`, got when this process wanted to `act` on `binding`. */
export function pathError(act: string, binding: PathBinding, result: number, cause?: unknown): HostError {
  const message = `could not ${act} on ${binding.name} (${binding.source}): ${describeErrno(result)}`;
  return new HostError(socketErrorCode(result), message, { errno: -result, cause });
}

/** Why nothing can be sent to `address` on `binding`, before the kernel is asked. */
export function refusalOf(binding: PathBinding, address: IpAddress, isOpen: boolean): string | undefined {
  if (!isOpen) return "the socket is closed";
  return familyOf(address) === binding.family ? undefined : `${address} is no ${binding.family} address`;
}

/**
 * Bound by index, which a rename cannot redirect to another interface between look-up and use; the kernel is then asked
 * which name that index has now. Both options are open to any user for a socket not yet bound to a device
 * (Linux 5.7, net/core/sock.c: sock_bindtoindex_locked).
 */
function bindToDevice(native: Native, fd: number, binding: PathBinding): void {
  const bound = native.setOption(fd, SOL_SOCKET, SO.BINDTOIFINDEX, encodeInt(binding.ifindex));
  if (bound < 0) throw pathError("bind to the device", binding, bound);
  const name = new Uint8Array(longestName);
  const length = native.getOption(fd, SOL_SOCKET, SO.BINDTODEVICE, name);
  const current = length < 0 ? undefined : new TextDecoder().decode(name.subarray(0, Math.max(0, length - 1)));
  if (current === binding.name) return;
  const now = current === undefined ? "no interface has that index now" : `that index is "${current}" now`;
  throw new HostError("HOST_PATH_GONE", `${binding.name} was interface ${binding.ifindex}, but ${now}`);
}

/** SO_MARK needs CAP_NET_ADMIN, or CAP_NET_RAW since Linux 5.17 (net/core/sock.c: sk_setsockopt). */
function mark(native: Native, fd: number, binding: PathBinding): boolean {
  const marked = native.setOption(fd, SOL_SOCKET, SO.MARK, encodeInt(binding.mark));
  if (marked < 0 && marked !== -ERRNO.EPERM) throw pathError(`set mark ${binding.mark}`, binding, marked);
  return marked >= 0;
}

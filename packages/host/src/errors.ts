/** The error of this package; WireGuard devices have one of their own, so that who opens sockets need not think of them. */
import { RopewalkError } from "@ropewalk/kernel/errors";

export type HostErrorCode =
  | "HOST_NOT_LINUX"
  | "HOST_NATIVE_CALLS"
  | "HOST_NETLINK"
  | "HOST_PERMISSION"
  | "HOST_PATH_GONE"
  | "HOST_NO_ICMP"
  | "HOST_SOCKET"
  | "HOST_ADDRESS_IN_USE"
  | "HOST_LEASE";

/** `errno` is the system's error number, when the system gave one. */
export class HostError extends RopewalkError<HostErrorCode> {
  readonly errno: number | undefined;

  constructor(code: HostErrorCode, message: string, options?: { readonly cause?: unknown; readonly errno?: number }) {
    super(code, message, options);
    this.errno = options?.errno;
  }
}

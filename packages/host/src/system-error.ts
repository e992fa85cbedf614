/** What the system's error numbers mean here; numbers below zero are negated errnos, as inside the kernel. */
import { getSystemErrorMessage, getSystemErrorName } from "node:util";
import type { HostErrorCode } from "./errors.ts";

/** `ENETUNREACH, network is unreachable` for -101. */
export function describeErrno(result: number): string {
  return `${getSystemErrorName(result)}, ${getSystemErrorMessage(result)}`;
}

/** The code of the HostError for a socket on a path. */
export function socketErrorCode(result: number): HostErrorCode {
  switch (getSystemErrorName(result)) {
    case "EPERM":
    case "EACCES":
      return "HOST_PERMISSION";
    case "ENODEV":
      return "HOST_PATH_GONE";
    default:
      return "HOST_SOCKET";
  }
}

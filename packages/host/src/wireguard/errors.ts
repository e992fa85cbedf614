/** What goes wrong with WireGuard devices. No key is ever in a message. */
import { RopewalkError } from "@ropewalk/kernel/errors";

export type WireGuardErrorCode =
  /** A private or preshared key that is none. Nothing was written. */
  | "HOST_WIREGUARD_KEY"
  /** There is no device of this name. */
  | "HOST_WIREGUARD_NO_DEVICE"
  /** It ended, maybe with half of a call done. */
  | "HOST_WIREGUARD_GONE"
  /** It did not answer: nothing is known of what was done. */
  | "HOST_WIREGUARD_TIMEOUT"
  /** `errno` is the device's; what came before in the call may be done. */
  | "HOST_WIREGUARD_REFUSED"
  | "HOST_WIREGUARD_PORT_IN_USE"
  /** It answered what cannot be understood. */
  | "HOST_WIREGUARD_ANSWER"
  /** Too many calls wait. Nothing was written. */
  | "HOST_WIREGUARD_BUSY"
  | "HOST_WIREGUARD_PERMISSION"
  /** What the message names stands in the way of a device. */
  | "HOST_WIREGUARD_START";

/** `errno` is the device's error number, when it gave one. */
export class WireGuardError extends RopewalkError<WireGuardErrorCode> {
  readonly errno: number | undefined;

  constructor(
    code: WireGuardErrorCode,
    message: string,
    options?: { readonly cause?: unknown; readonly errno?: number },
  ) {
    super(code, message, options);
    this.errno = options?.errno;
  }
}

/** The one error of this package. */
import { RopewalkError } from "@ropewalk/kernel/errors";

export type VpnErrorCode =
  /** Too much waits; nothing of it was judged. */
  | "VPN_BUSY"
  /** The store could not be written: nothing of it was taken. */
  | "VPN_STORE"
  /** It was judged and stored, and is not done: the device, the firewall or the table of connections failed. It is done as soon as they let it be. */
  | "VPN_UNDONE"
  /** The node ends. What was not answered may be stored. */
  | "VPN_CLOSED";

/** A failure that the caller must handle. The message says what happened, to what, and what to do about it. No key is ever in one. */
export class VpnError extends RopewalkError<VpnErrorCode> {}

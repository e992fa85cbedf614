/** The one error of this package. */
import { RopewalkError } from "@ropewalk/kernel/errors";

export type TunnelErrorCode =
  /** The certificate, its key, the CA or a list of revoked certificates cannot be used. */
  | "TUNNEL_IDENTITY"
  /** The tunnel cannot listen where it was told to. */
  | "TUNNEL_LISTEN"
  /** The other end cannot be reached. */
  | "TUNNEL_UNREACHABLE"
  /** The thread that runs handshakes has died. */
  | "TUNNEL_THREAD";

/** A failure that the caller must handle. The message says what happened, to what, and what to do about it. */
export class TunnelError extends RopewalkError<TunnelErrorCode> {}

/** How a call ends that does not end well. Source: https://grpc.io/docs/guides/status-codes/. */

/** What a handler may answer its caller with, and what the adapter answers by itself. */
export type CallStatus =
  /** The request is wrong, whatever the state of the system. */
  | "INVALID_ARGUMENT"
  | "NOT_FOUND"
  /** It was done already, or somebody else has it. */
  | "ALREADY_EXISTS"
  /** The caller's certificate does not allow it. */
  | "PERMISSION_DENIED"
  | "RESOURCE_EXHAUSTED"
  /** The state of the system does not allow it; asking again changes nothing. */
  | "FAILED_PRECONDITION"
  /** Asking again may do. */
  | "ABORTED"
  | "UNAVAILABLE"
  | "CANCELLED"
  | "INTERNAL";

/** Thrown by a handler: its caller is told the message. */
export class RefusedCall extends Error {
  readonly status: CallStatus;

  constructor(status: CallStatus, message: string) {
    super(message);
    this.status = status;
  }
}

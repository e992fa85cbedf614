/** The one error of this package. */
import { RopewalkError } from "@ropewalk/kernel/errors";

export type OpsErrorCode =
  /** The configuration file cannot be read, or is larger than its limit. */
  | "OPS_CONFIG_FILE"
  /** A server cannot listen where it was told to. */
  | "OPS_LISTEN"
  /** The folder of a store is absent, or this process may not enter it. */
  | "OPS_STORE_DIRECTORY"
  /** The store cannot be written: its file, folder or file system is read-only for this process. */
  | "OPS_STORE_READ_ONLY"
  /** No room: the file system or a quota is full. What was stored before is unharmed. */
  | "OPS_STORE_FULL"
  /** Another process held the store's lock for longer than a writer waits. */
  | "OPS_STORE_BUSY"
  /** A newer version of Ropewalk wrote the store. */
  | "OPS_STORE_NEWER"
  /** SQLite failed in another way; `cause` has its message. */
  | "OPS_STORE_FAILED"
  /** Nobody answers a call where it was sent: asking again later may do. */
  | "OPS_CALL_UNAVAILABLE"
  /** No reply came in time: whether it was done is not known. */
  | "OPS_CALL_LATE"
  /** Whoever called gave it up, or closed its client: whether it was done is not known. */
  | "OPS_CALL_CANCELLED"
  /** Who was asked refused it; the message says why. */
  | "OPS_CALL_REFUSED"
  /** It failed where it was asked, or its reply cannot be read. */
  | "OPS_CALL_FAILED"
  /** Who was asked is of another version, and knows no such call. */
  | "OPS_CALL_UNKNOWN"
  /** A file that is needed is not there. */
  | "OPS_FILE_MISSING"
  /** This process may not read the file, or its disk cannot. */
  | "OPS_FILE_UNREADABLE"
  /** It holds nothing. */
  | "OPS_FILE_EMPTY"
  /** It is larger than anything of its kind. */
  | "OPS_FILE_TOO_LARGE"
  /** It is a folder, a device, a pipe, or for writing a link. */
  | "OPS_FILE_NOT_REGULAR"
  /** A secret that others than its owner may read. */
  | "OPS_FILE_EXPOSED"
  /** Something is there already, and would be lost. */
  | "OPS_FILE_EXISTS"
  /** No room for it. What was there before is unharmed. */
  | "OPS_FILE_FULL"
  /** It cannot be written: its folder is absent, or not writable for this process. */
  | "OPS_FILE_UNWRITABLE";

/** A failure that the caller must handle. The message says what happened, to what, and what to do about it. */
export class OpsError extends RopewalkError<OpsErrorCode> {}

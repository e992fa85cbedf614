/** The one error of this package. */
import { RopewalkError } from "@ropewalk/kernel/errors";

export type MeshErrorCode =
  /** The file of the node's identity holds no key that can be one, or is sealed and the passphrase is another. */
  | "MESH_IDENTITY"
  /** What sets sequences aside cannot be kept, so no announce may be made. */
  | "MESH_SEQUENCE"
  /** The store of messages cannot be opened or used. */
  | "MESH_STORE"
  /** Another process has the store of messages open. */
  | "MESH_STORE_HELD"
  /** Links cannot be accepted where the node was told to. */
  | "MESH_LISTEN";

/** A failure that the caller must handle. The message says what happened, to what, and what to do about it. */
export class MeshError extends RopewalkError<MeshErrorCode> {}

/** What an epoch has to make lanes with, and to go on in another epoch. Source: docs/protocols/tunnel-handshake.md, "Keys". */
import type { Sha384 } from "@ropewalk/crypto/pure/sha384";
import { type EpochSecrets, epochSecrets } from "../handshake/session-keys.ts";
import { LaneChain } from "./lane-keys.ts";

export interface EpochKeys extends Omit<EpochSecrets, "lanes"> {
  readonly lanes: LaneChain;
}

/** `epochSecret`: 48 bytes, that its owner erases. */
export function epochKeys(sha384: Sha384, epochSecret: Uint8Array): EpochKeys {
  const { lanes, ...others } = epochSecrets(sha384, epochSecret);
  return { ...others, lanes: new LaneChain(sha384, lanes) };
}

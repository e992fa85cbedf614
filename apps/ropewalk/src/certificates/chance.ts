/** The chance that serials are made from: the system's. */
import { randomBytes } from "node:crypto";
import { serialLength } from "@ropewalk/crypto/certificates/pure/issue-certificate";

export function chanceForSerial(): Uint8Array {
  return new Uint8Array(randomBytes(serialLength));
}

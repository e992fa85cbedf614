/** SHA-384 by Node, for the protocols that know it as a port. */
import { createHash, createHmac } from "node:crypto";
import type { Sha384 } from "@ropewalk/crypto/pure/sha384";

export const nodeSha384: Sha384 = {
  hash: (...parts) => {
    const hash = createHash("sha384");
    for (const part of parts) hash.update(part);
    return new Uint8Array(hash.digest());
  },
  hmac: (key, ...parts) => {
    const hmac = createHmac("sha384", key);
    for (const part of parts) hmac.update(part);
    return new Uint8Array(hmac.digest());
  },
};

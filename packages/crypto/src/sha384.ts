/** SHA-384 and HMAC-SHA-384 by Node, as the port that pure code sees. */
import { createHash, createHmac } from "node:crypto";
import { plain } from "./pure/octets.ts";
import type { Sha384 } from "./pure/sha384.ts";

export const sha384: Sha384 = {
  hash(...parts) {
    const hash = createHash("sha384");
    for (const part of parts) hash.update(part);
    return plain(hash.digest());
  },
  hmac(key, ...parts) {
    const hmac = createHmac("sha384", key);
    for (const part of parts) hmac.update(part);
    return plain(hmac.digest());
  },
};

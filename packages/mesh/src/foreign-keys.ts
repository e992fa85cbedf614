/** Keys of strangers, which may be none: that is an answer, and no error of this node. */
import { CryptoError } from "@ropewalk/crypto/errors";

/** What `make` gives; undefined where a key is none or proves nothing, as strangers' keys may. */
export function orUndefined<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof CryptoError) return undefined;
    throw error;
  }
}

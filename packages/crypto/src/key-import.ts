/** What every import of a key does: its length is checked before a library sees it, and the library's words become ours. */
import { CryptoError } from "./errors.ts";

/** `octets`, if there are as many as a key of this kind has. Throws CRYPTO_KEY_INVALID. */
export function checkLength(octets: Uint8Array, length: number, what: string): Uint8Array {
  if (octets.length !== length) {
    throw new CryptoError(
      "CRYPTO_KEY_INVALID",
      `${what} has ${length} octets, not ${octets.length}: it is cut, or of another kind`,
    );
  }
  return octets;
}

/** What `read` gives; whatever it throws becomes CRYPTO_KEY_INVALID, except this package's own errors. */
export function checkedKey<Key>(what: string, read: () => Key): Key {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof CryptoError) throw cause;
    throw new CryptoError("CRYPTO_KEY_INVALID", `${what} cannot be read: it is damaged, or of another kind`, { cause });
  }
}

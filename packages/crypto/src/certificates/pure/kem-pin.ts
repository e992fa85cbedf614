/** The pin of a Classic McEliece key: a URI among the names of a certificate that holds the hash of the public key. */

export const kemPinPrefix = "urn:ropewalk:kem:";
const mcElieceHead = `${kemPinPrefix}mceliece460896:sha384:`;

/** Octets of a pin: a SHA-384. */
export const kemPinLength = 48;

export type KemPin =
  | { readonly kind: "none" }
  | { readonly kind: "pinned"; readonly hash: Uint8Array }
  /** Something that begins like a pin and is none, or two of them: nobody can say which key is meant. */
  | { readonly kind: "faulty"; readonly text: string };

/** `hash` is the SHA-384 of the public key. Throws RangeError for any other length. */
export function encodeKemPin(hash: Uint8Array): string {
  if (hash.length !== kemPinLength) throw new RangeError(`a pin is ${kemPinLength} octets, not ${hash.length}`);
  return mcElieceHead + hash.toHex();
}

/** The pin among the URIs of a certificate. Pins of keys of other kinds are none of ours. */
export function kemPinOf(uris: readonly string[]): KemPin {
  const pins = uris.filter((uri) => uri.startsWith(mcElieceHead));
  const [pin] = pins;
  if (pin === undefined) return { kind: "none" };
  if (pins.length > 1) return { kind: "faulty", text: `it pins ${pins.length} McEliece keys` };
  const hex = pin.slice(mcElieceHead.length);
  if (!/^[0-9a-f]{96}$/.test(hex))
    return { kind: "faulty", text: "its pin of a McEliece key is not 96 hexadecimal digits" };
  return { kind: "pinned", hash: Uint8Array.fromHex(hex) };
}

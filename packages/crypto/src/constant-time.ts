/** Comparison of what must not be guessed octet by octet: MACs, tokens, secrets. */
import { timingSafeEqual } from "node:crypto";

/** Whether the octets are the same, in a time that depends on their number alone. Of different lengths they never are. */
export function areEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

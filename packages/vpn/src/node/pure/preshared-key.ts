/** Preshared keys of peers. To say whether two are the same tells nobody anything who cannot name one of them. */
import type { SecretBytes } from "@ropewalk/kernel/secret-bytes";

export function isSamePresharedKey(one: SecretBytes | undefined, other: SecretBytes | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const [octets, others] = [one.reveal(), other.reveal()];
  return octets.length === others.length && octets.every((octet, at) => octet === others[at]);
}

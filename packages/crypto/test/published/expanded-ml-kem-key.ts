/** An ML-KEM-768 key as vectors give it: expanded, without its seed. Node takes it within PKCS#8 only; Ropewalk itself keeps seeds. */
import { createPrivateKey } from "node:crypto";
import { MlKemPrivateKey } from "@ropewalk/crypto/ml-kem";

/** PKCS#8 for ML-KEM-768 with the choice `expandedKey`, up to its 2,400 octets. Source: RFC 9935 §6. */
const prefix = Buffer.from("30820978020100300b06096086480165030404020482096404820960", "hex");

/** Throws where the key is of another length, or does not hold together (FIPS 203 §7.3). */
export function expandedMlKemKey(expanded: Uint8Array): MlKemPrivateKey {
  if (expanded.length !== 2_400) throw new RangeError(`an expanded key has 2,400 octets, not ${expanded.length}`);
  const key = Buffer.concat([prefix, expanded]);
  return new MlKemPrivateKey(createPrivateKey({ key, format: "der", type: "pkcs8" }));
}

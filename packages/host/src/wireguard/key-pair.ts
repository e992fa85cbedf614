/** What follows from the private key of a device. */
import { createPrivateKey, createPublicKey } from "node:crypto";
import type { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { type WireGuardPublicKey, wireGuardPublicKeyFromBytes } from "./public-key.ts";

/** `privateKey` stays the caller's. */
export function wireGuardPublicKeyOf(privateKey: SecretBytes): WireGuardPublicKey {
  const key = createPrivateKey({ key: privateKey.reveal(), format: "raw-private", asymmetricKeyType: "x25519" });
  return wireGuardPublicKeyFromBytes(createPublicKey(key).export({ format: "raw-public" }));
}

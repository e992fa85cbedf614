/** The preshared keys of all replicas of a test, in whichever process. */
import { PresharedKeys } from "@ropewalk/entry/preshared-keys";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";

export const presharedKeys: PresharedKeys = new PresharedKeys(new SecretBytes(new Uint8Array(32).fill(7)));

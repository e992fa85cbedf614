/**
 * The private key of an exit's device, in a file as `wg genkey` writes it. It is made when it is not there: an exit has the same public key from
 * then on, whatever becomes of its device.
 */
import { randomBytes } from "node:crypto";
import { WireGuardError } from "@ropewalk/host/wireguard/errors";
import { wireGuardKeyLength } from "@ropewalk/host/wireguard/public-key";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { OpsError } from "@ropewalk/ops/errors";
import { readSecretFile, writeSecretFile } from "@ropewalk/ops/secret-file";

/** 44 characters, and an end of line. */
const longestFile = 256;

export interface DeviceKey {
  readonly key: SecretBytes;
  readonly isNew: boolean;
}

/** The caller erases it. Throws OPS_FILE_*, also where others may read the file, and HOST_WIREGUARD_KEY where what is in it is none. */
export function readOrMakeDeviceKey(path: string): DeviceKey {
  try {
    return { key: readDeviceKey(path), isNew: false };
  } catch (error) {
    if (!(error instanceof OpsError && error.code === "OPS_FILE_MISSING")) throw error;
  }
  const octets = new Uint8Array(randomBytes(wireGuardKeyLength));
  // As X25519 takes it (RFC 7748 §5), so that every program shows the same key.
  octets[0] = (octets[0] ?? 0) & 248;
  octets[31] = ((octets[31] ?? 0) & 127) | 64;
  const text = new TextEncoder().encode(`${octets.toBase64()}\n`);
  writeSecretFile(path, text, { whenThere: "refuse" });
  text.fill(0);
  return { key: new SecretBytes(octets), isNew: true };
}

function readDeviceKey(path: string): SecretBytes {
  const file = readSecretFile(path, longestFile);
  const text = new TextDecoder().decode(file).trim();
  file.fill(0);
  if (/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/.test(text)) return new SecretBytes(Uint8Array.fromBase64(text));
  throw new WireGuardError(
    "HOST_WIREGUARD_KEY",
    `${path} holds no private key of WireGuard: 44 characters, as "wg genkey" prints them`,
  );
}

/** The private key of an exit's device, in its file: read for as long as it is needed, and erased. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { wireGuardPublicKeyOf } from "@ropewalk/host/wireguard/key-pair";
import type { WireGuardPublicKey } from "@ropewalk/host/wireguard/public-key";
import type { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import type { Log } from "@ropewalk/ops/log";
import type { CoreConfig } from "@ropewalk/vpn/node/config";
import { readOrMakeDeviceKey } from "@ropewalk/vpn/node/device-key";

/** `folder` is the exit's own, below the state folder. */
export function exitKeyFile({ privateKeyFile }: Pick<CoreConfig, "privateKeyFile">, folder: string): string {
  return privateKeyFile ?? join(folder, "wireguard.key");
}

/** A key that is not there is made. Throws OPS_FILE_* and HOST_WIREGUARD_KEY. */
export async function withExitKey<T>(path: string, log: Log, work: (key: SecretBytes) => Promise<T>): Promise<T> {
  const { key, isNew } = readOrMakeDeviceKey(path);
  using held = key;
  if (isNew) log.info({ path }, "the exit has a key of its own from now on");
  return await work(held);
}

/** Undefined where the exit has no key yet. Throws as the other. */
export function exitPublicKey(path: string): WireGuardPublicKey | undefined {
  if (!existsSync(path)) return undefined;
  using key = readOrMakeDeviceKey(path).key;
  return wireGuardPublicKeyOf(key);
}

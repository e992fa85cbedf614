/** The secret keys of a device before they are written: a wrong one is refused here, where it can be said what is wrong with it. */
import type { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import type { PeerChange } from "../device.ts";
import { WireGuardError } from "../errors.ts";
import { wireGuardKeyLength } from "../public-key.ts";

/** The octets of a private or preshared key. Throws HOST_WIREGUARD_KEY, also for zeros, which devices take for no key. */
export function secretKeyOctets(key: SecretBytes, what: string): Uint8Array {
  const octets = key.reveal();
  if (octets.length !== wireGuardKeyLength) {
    throw new WireGuardError(
      "HOST_WIREGUARD_KEY",
      `${what} has ${octets.length} octets, not ${wireGuardKeyLength}: it is cut, or another kind of key`,
    );
  }
  if (octets.every((octet) => octet === 0)) {
    throw new WireGuardError("HOST_WIREGUARD_KEY", `${what} is zero, which is none; make a new one`);
  }
  return octets;
}

/** Throws HOST_WIREGUARD_KEY for the first preshared key that is none. */
export function checkPresharedKeys(changes: readonly PeerChange[]): void {
  for (const change of changes) {
    if (change.kind === "remove") continue;
    const { presharedKey } = change.kind === "add" ? change.peer : change.values;
    if (presharedKey !== undefined && presharedKey !== null) secretKeyOctets(presharedKey, "a preshared key");
  }
}

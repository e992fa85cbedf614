/**
 * A WireGuard device: what it is, and what may be changed of it. One port, whoever drives it: wireguard-go over its socket, or the
 * kernel. The device is the truth; what is not read is not known.
 */
import type { IpAddress, Prefix } from "@ropewalk/kernel/addresses";
import type { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import type { Bytes, Millis } from "@ropewalk/kernel/units";
import type { WireGuardPublicKey } from "./public-key.ts";

/** Without the zone of a link-local address, which wireguard-go does not tell. */
export interface PeerEndpoint {
  readonly address: IpAddress;
  readonly port: number;
}

/** A peer as it is to be. */
export interface WantedPeer {
  readonly publicKey: WireGuardPublicKey;
  /** 32 octets, not all zero; undefined: none. */
  readonly presharedKey: SecretBytes | undefined;
  /** Where its packets may come from, and which packets go to it. A prefix belongs to one peer of a device. */
  readonly allowedPrefixes: readonly Prefix[];
  /** Whole seconds from 1 to 65,535; undefined: off. */
  readonly keepalive: Millis | undefined;
  /** Where it is at first; it is found where its packets come from. */
  readonly endpoint?: PeerEndpoint;
}

/** A peer as the device has it. */
export interface PresentPeer extends Omit<WantedPeer, "endpoint"> {
  readonly endpoint: PeerEndpoint | undefined;
  /** Wall time in milliseconds since 1970; undefined before the first. */
  readonly lastHandshake: number | undefined;
  readonly received: Bytes;
  readonly sent: Bytes;
}

export interface WireGuardState {
  /** Undefined while the device has no private key. */
  readonly publicKey: WireGuardPublicKey | undefined;
  /** Undefined while none was set or chosen. */
  readonly listenPort: number | undefined;
  /** On the packets that it sends; 0 is none. */
  readonly fwmark: number;
  readonly peers: ReadonlyMap<WireGuardPublicKey, PresentPeer>;
}

/** What is left out stays as it is. */
export interface WireGuardSettings {
  /** 32 octets, not all zero. */
  readonly privateKey?: SecretBytes;
  /** 0: the device chooses. */
  readonly listenPort?: number;
  readonly fwmark?: number;
}

/** What is left out stays as it is; null takes away. */
export interface PeerValues {
  readonly presharedKey?: SecretBytes | null;
  /** `add` leaves those that the peer has. Either takes a prefix from whichever peer had it. */
  readonly prefixes?: { readonly kind: "add" | "replace"; readonly prefixes: readonly Prefix[] };
  readonly keepalive?: Millis | null;
  readonly endpoint?: PeerEndpoint;
}

export type PeerChange =
  /** One that is there already becomes like this; its endpoint stays unless one is given. */
  | { readonly kind: "add"; readonly peer: WantedPeer }
  /** One that is not there stays away. */
  | { readonly kind: "update"; readonly publicKey: WireGuardPublicKey; readonly values: PeerValues }
  /** With all its prefixes; one that is not there is none the less gone. */
  | { readonly kind: "remove"; readonly publicKey: WireGuardPublicKey };

/**
 * Every call ends within its deadlines, and throws WireGuardError. After one that leaves open what was done, read. Keys that are given
 * stay the caller's, who erases them after the call.
 */
export interface WireGuardDevice {
  readonly name: string;
  read(): Promise<WireGuardState>;
  configure(settings: WireGuardSettings): Promise<void>;
  /**
   * Writes these changes and nothing else, in their order, in portions between which other calls have their turn; what has not been
   * written of a peer that a later call adds or removes is left out. Devices pass over a peer with their own public key, without a word.
   */
  change(changes: readonly PeerChange[]): Promise<void>;
}

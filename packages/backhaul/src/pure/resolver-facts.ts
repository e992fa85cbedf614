/**
 * What the other programs of this machine say about one uplink: its DNS servers and whether it is metered.
 * Each source says only what it found; which of them wins is decided in `pure/`.
 */
import type { IpAddress } from "@ropewalk/kernel/addresses";

/** What every source says of one interface at one moment. */
export interface ResolverFacts {
  readonly networkManager: NetworkManagerFacts;
  readonly networkd: NetworkdFacts;
  readonly lease: LeaseFacts;
  readonly resolvConf: ResolvConfFacts;
}

/** From NetworkManager over D-Bus. */
export type NetworkManagerFacts =
  /** Asked, and neither answered nor refused so far. */
  | { readonly kind: "pending" }
  /** No bus, or nobody on it owns NetworkManager's name. */
  | { readonly kind: "absent"; readonly reason: string }
  /** NetworkManager runs, and does not manage this interface. */
  | { readonly kind: "unmanaged" }
  | {
      readonly kind: "managed";
      readonly servers: readonly IpAddress[];
      /** Undefined when NetworkManager does not know. */
      readonly metered: boolean | undefined;
      /** NetworkManager concluded it (a phone's DHCP server said so), nobody configured it. */
      readonly isMeteredGuess: boolean;
    };

/** From the state files of systemd-networkd. */
export type NetworkdFacts =
  | { readonly kind: "absent" }
  /** networkd runs, and does not manage this interface. */
  | { readonly kind: "unmanaged" }
  | { readonly kind: "unreadable"; readonly file: string; readonly reason: string }
  | {
      readonly kind: "managed";
      readonly servers: readonly IpAddress[];
      readonly routers: readonly IpAddress[];
      /** The .network file that configures the interface. */
      readonly networkFile: string | undefined;
      /** The DHCP server is an Android phone (`ANDROID_METERED` in option 43): its owner pays by volume. */
      readonly isAndroidMetered: boolean;
      readonly file: string;
    };

export type LeaseProgram = "dhclient" | "dhcpcd" | "NetworkManager" | "udhcpc";

/** From the newest lease file that speaks of the interface. */
export type LeaseFacts =
  /** No lease; `unreadable` names the files and folders that could not be looked into, with the system's reason. */
  | { readonly kind: "none"; readonly unreadable: readonly string[] }
  | { readonly kind: "expired"; readonly program: LeaseProgram; readonly file: string; readonly expiredAt: number }
  | {
      readonly kind: "lease";
      readonly program: LeaseProgram;
      /** The IPv4 address that it gives; undefined when it gives none, or the file does not tell. */
      readonly address: IpAddress | undefined;
      readonly servers: readonly IpAddress[];
      readonly routers: readonly IpAddress[];
      /** The way out that it gives and that nobody puts into the kernel, since Ropewalk itself got the lease. */
      readonly wayOut?: { readonly gateway: IpAddress | undefined };
      /** Wall time in ms since 1970, UTC; undefined for an infinite lease or one whose end the file does not tell. */
      readonly expiresAt: number | undefined;
      /** As in NetworkdFacts. */
      readonly isAndroidMetered: boolean;
      readonly file: string;
    };

/** From /etc/resolv.conf: it speaks of the whole machine, never of one uplink. */
export type ResolvConfFacts =
  | { readonly kind: "absent" }
  /** Ropewalk wrote it: it repeats what the other sources said of the uplink in use. */
  | { readonly kind: "ours"; readonly file: string }
  | { readonly kind: "unreadable"; readonly file: string; readonly reason: string }
  | {
      readonly kind: "present";
      /** Without those that name another interface as their zone. */
      readonly servers: readonly IpAddress[];
      /** At least one server is a loopback address: a local program (systemd-resolved, dnsmasq) answers there. */
      readonly isLoopback: boolean;
      readonly file: string;
    };

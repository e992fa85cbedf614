/** Everything the backhaul knows at one moment, and what may happen to it. States are values: a step makes a new one. */
import type { AddressFacts, DeviceFacts, LinkFacts, NetworkFacts } from "@ropewalk/host/facts";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import type { Millis } from "@ropewalk/kernel/units";
import type { BackhaulEvent } from "../status.ts";
import type { Picture } from "./picture.ts";
import type { ResolverFacts } from "./resolver-facts.ts";
import type { Uplink } from "./uplink.ts";

/** An uplink as an earlier run left it. Name and MAC address only help to find it again; the id proves it. */
export interface RememberedUplink {
  readonly id: UplinkId;
  readonly slot: number;
  readonly interfaceName: string;
  readonly mac: string | undefined;
}

/** What was asked and answered about the device behind an interface. */
export interface DeviceReading {
  readonly kind: "asked" | "read";
  /** The link as it was when its device was last asked for. */
  readonly askedFor: LinkFacts;
  /** Answers in a row that found no device. */
  readonly misses: number;
  /** The newest answer that found one. */
  readonly facts: DeviceFacts | undefined;
}

export interface BackhaulState {
  /** Undefined before the network was seen. */
  readonly network: NetworkFacts | undefined;
  readonly now: Millis;
  /** The addresses of `network` by interface; made anew when they are others. */
  readonly addresses: ReadonlyMap<number, readonly AddressFacts[]>;
  readonly devices: ReadonlyMap<number, DeviceReading>;
  readonly resolvers: ReadonlyMap<number, ResolverFacts>;
  /** Interfaces whose resolvers are looked up, each with a text that changes when they must be looked up again. */
  readonly lookups: ReadonlyMap<number, string>;
  readonly remembered: readonly RememberedUplink[];
  /** By ifindex. */
  readonly uplinks: ReadonlyMap<number, Uplink>;
  /** Interfaces that would be uplinks, and found all slots taken. */
  readonly withoutSlot: number;
  readonly polledClosely: ReadonlySet<number>;
  readonly picture: Picture;
}

/** `facts` is undefined when there was no interface of that name at the time of reading. */
export interface DeviceAnswer {
  readonly ifindex: number;
  readonly name: string;
  readonly facts: DeviceFacts | undefined;
}

export type BackhaulInput =
  /** Uplinks of an earlier run; comes before the first "network". */
  | { readonly kind: "remembered"; readonly at: Millis; readonly uplinks: readonly RememberedUplink[] }
  | { readonly kind: "network"; readonly at: Millis; readonly facts: NetworkFacts }
  | { readonly kind: "devices"; readonly at: Millis; readonly answers: readonly DeviceAnswer[] }
  | { readonly kind: "resolvers"; readonly at: Millis; readonly facts: ReadonlyMap<number, ResolverFacts> }
  /** The configuration given to `step` differs from the one before. */
  | { readonly kind: "config"; readonly at: Millis };

export type BackhaulEffect =
  /** A retry follows an answer that found nothing, and waits a moment. */
  | { readonly kind: "read-device"; readonly ifindex: number; readonly name: string; readonly isRetry: boolean }
  | { readonly kind: "read-resolvers"; readonly ifindex: number; readonly name: string }
  | { readonly kind: "poll-closely"; readonly ifindexes: ReadonlySet<number> }
  /** What a later run must remember is now this, and nothing else. */
  | { readonly kind: "save"; readonly uplinks: readonly RememberedUplink[] }
  | { readonly kind: "publish"; readonly event: BackhaulEvent };

/** Everything the backhaul knows at one moment, and what may happen to it. States are values: a step makes a new one. */
import type { AddressFacts, DeviceFacts, LinkFacts, NetworkFacts } from "@ropewalk/host/facts";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import type { Millis } from "@ropewalk/kernel/units";
import type { BackhaulEvent } from "../status.ts";
import type { ProbeConfig } from "./health/health-config.ts";
import type { HealthState } from "./health/monitor.ts";
import type { ProbeOutcome, ProbePath, ProbeRequest } from "./health/probe.ts";
import type { OperatorOrder, Orders } from "./orders.ts";
import type { Choices, Picture } from "./picture.ts";
import type { ResolverFacts } from "./resolver-facts.ts";
import type { Seen } from "./seen.ts";
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
  readonly seen: Seen;
  /** By which `health` was measured; another one begins anew. */
  readonly probe: ProbeConfig | undefined;
  readonly health: HealthState;
  readonly choices: Choices;
  readonly orders: Orders;
  /** When the choice must be made anew if nothing else happens. */
  readonly choiceAt: Millis | undefined;
  /** The tick that was wanted last. */
  readonly wakeAt: Millis | undefined;
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
  /** What the operator said in an earlier run and did not take back; comes before the first "network". */
  | { readonly kind: "standing-orders"; readonly at: Millis; readonly orders: Orders }
  | { readonly kind: "order"; readonly at: Millis; readonly order: OperatorOrder }
  | { readonly kind: "network"; readonly at: Millis; readonly facts: NetworkFacts }
  | { readonly kind: "devices"; readonly at: Millis; readonly answers: readonly DeviceAnswer[] }
  | { readonly kind: "resolvers"; readonly at: Millis; readonly facts: ReadonlyMap<number, ResolverFacts> }
  /** The configuration given to `step` differs from the one before. */
  | { readonly kind: "config"; readonly at: Millis }
  /** The timer of the last "wake" fired. It was to fire at `due`; how much later it did says how long we were stalled. */
  | { readonly kind: "tick"; readonly at: Millis; readonly due: Millis }
  | { readonly kind: "probed"; readonly at: Millis; readonly outcome: ProbeOutcome }
  /** The answer to "read-traffic", by ifindex; an interface that is gone is not in it. */
  | { readonly kind: "traffic"; readonly at: Millis; readonly counts: ReadonlyMap<number, TrafficCounts> };

/** Of an interface, since it appeared. */
export interface TrafficCounts {
  readonly receivedBytes: number;
  readonly receivedPackets: number;
  readonly sentPackets: number;
}

export type BackhaulEffect =
  /** A retry follows an answer that found nothing, and waits a moment. */
  | { readonly kind: "read-device"; readonly ifindex: number; readonly name: string; readonly isRetry: boolean }
  | { readonly kind: "read-resolvers"; readonly ifindex: number; readonly name: string }
  | { readonly kind: "poll-closely"; readonly ifindexes: ReadonlySet<number> }
  /** What a later run must remember is now this, and nothing else. */
  | { readonly kind: "save"; readonly uplinks: readonly RememberedUplink[] }
  /** So are the orders that must outlive this run. */
  | { readonly kind: "save-orders"; readonly orders: Orders }
  | { readonly kind: "publish"; readonly event: BackhaulEvent }
  | { readonly kind: "probe"; readonly request: ProbeRequest }
  /** The paths that are probed are now these, best known by their key. */
  | { readonly kind: "follow"; readonly paths: readonly ProbePath[] }
  /** A "tick" is wanted then and no earlier one; undefined: none is. */
  | { readonly kind: "wake"; readonly at: Millis | undefined }
  | { readonly kind: "read-traffic"; readonly ifindexes: readonly number[] };

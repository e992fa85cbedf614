/** Everything of the configuration that decides how uplinks are measured, judged and chosen. Defaults stand in `../../health-section.ts`. */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { Millis } from "@ropewalk/kernel/units";
import type { ProbeProfileName } from "../../status.ts";

/** One server on the internet that answers for it. */
export interface ProbeTarget {
  /** What people call it; unique together with its address. */
  readonly name: string;
  readonly address: IpAddress;
  readonly port: number;
  /** The name that its certificate must prove; undefined: it is not asked for TLS. */
  readonly tlsName: string | undefined;
}

export interface HttpCheck {
  /** Plain http; the host may be a name or an address. */
  readonly url: string;
  readonly status: number;
  /** Compared without white space at both ends. */
  readonly body: string;
}

export interface DnsCheck {
  readonly name: string;
  /** Any one of these in an answer proves that nobody rewrote it. */
  readonly addresses: readonly IpAddress[];
}

export interface ProfileConfig {
  /** From one pulse to the next; each target has one in every interval. */
  readonly interval: Millis;
  /** From one round of checks (every kind once) to the next. */
  readonly cycle: Millis;
}

export interface ProbeConfig {
  readonly enabled: boolean;
  readonly profile: ProbeProfileName;
  readonly meteredProfile: ProbeProfileName;
  /** How many targets must answer for the uplink to be alive: k of n. */
  readonly require: number;
  readonly target: readonly ProbeTarget[];
  readonly http: HttpCheck | undefined;
  readonly dns: DnsCheck | undefined;
  /** PEM file of authorities trusted besides the usual ones, for targets with a certificate of one's own. */
  readonly caFile: string | undefined;
  readonly fast: ProfileConfig;
  readonly normal: ProfileConfig;
  readonly eco: ProfileConfig;
}

/** Thresholds of the diagnosis. */
export interface QualityConfig {
  /** Degraded when loss is above this with 95 % confidence; 0…1. */
  readonly lossAbove: number;
  /** Degraded when the smoothed round trip is above this. */
  readonly rttAbove: Millis;
  readonly dnsAbove: Millis;
}

/** How long a verdict must hold before it becomes the state. Leaving for down needs no more than the silence detector's bound. */
export interface SettlingConfig {
  /** Up → degraded. */
  readonly degradeAfter: Millis;
  /** Degraded → up. */
  readonly recoverAfter: Millis;
  /** Down or portal → (probing) → up or degraded: answers without a gap for so long. */
  readonly returnAfter: Millis;
  /** Between up and degraded, from one change to the next. */
  readonly minDuration: Millis;
}

/** Route flap damping. Source: RFC 2439 §4.2, §4.4. */
export interface DampingConfig {
  readonly enabled: boolean;
  /** Added each time the path goes down. */
  readonly penalty: number;
  readonly halfLife: Millis;
  /** Above this the path does not return … */
  readonly suppressAbove: number;
  /** … until the penalty has decayed below this. */
  readonly reuseBelow: number;
  /** It never takes longer than this after the last flap. */
  readonly maxSuppress: Millis;
}

/** Seed 004 "Interface Scoring". */
export interface ScoreConfig {
  readonly weightLatency: number;
  readonly weightLoss: number;
  readonly weightSuccess: number;
  readonly enablePolicyBias: boolean;
  readonly policyBiasMultiplier: number;
  readonly maxRtt: Millis;
  /** 0…1. */
  readonly maxLoss: number;
}

export interface ChoiceConfig {
  /** By how many points of score another uplink must be better than the one in use. */
  readonly margin: number;
  /** For how long it must be, before a usable uplink is left for it. */
  readonly betterFor: Millis;
  /** For how long a preferred uplink must be usable and not worse, before it is returned to. */
  readonly returnFor: Millis;
}

/** Whether ordinary traffic goes by the best uplink, or is shared among all that carry it well. */
export type Mode = "failover" | "balance";

export interface HealthConfig {
  readonly mode: Mode;
  readonly probe: ProbeConfig;
  readonly quality: QualityConfig;
  readonly settling: SettlingConfig;
  readonly damping: DampingConfig;
  readonly score: ScoreConfig;
  readonly choice: ChoiceConfig;
}

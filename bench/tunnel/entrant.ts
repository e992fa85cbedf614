/** A tunnel of whatever make, as this race knows it: how its two ends are started, where it is entered, and what it costs. */
import type { Made } from "../handshake/identities.ts";
import type { Ground, Service } from "./ground.ts";

export interface TunnelPlan {
  readonly ground: Ground;
  /** Of this tunnel alone. */
  readonly folder: string;
  /** The first of a hundred ports that nobody else uses, at both ends. */
  readonly firstPort: number;
}

/** Whom a tunnel's ends prove to be; made once for all. */
export interface Identities {
  /** ML-DSA-65 with KEM keys. */
  readonly ours: Made;
  /** P-256, for programs that know nothing post-quantum. */
  readonly classic: Made;
}

export interface Way {
  readonly to: string;
  readonly port: number;
}

/** Both ends, until disposed of. */
export interface RunningTunnel extends AsyncDisposable {
  /** Where the service is reached through it, from the ground's source. */
  way(service: Service): Way;
  /** Of both ends, as this process sees them; what they start belongs to them. */
  readonly pids: readonly number[];
  /** Why it is of no use any more: one of its processes ended by itself. */
  failure(): string | undefined;
}

export interface TunnelEntrant<T extends RunningTunnel = RunningTunnel> {
  /** Its column in the table. */
  readonly column: string;
  /** What a reader of its figures must know, a sentence each. */
  readonly notes: readonly string[];
  /** Resolves once its processes run; `ready-tunnel.ts` waits until it carries something. Throws when it cannot be had here. */
  start(plan: TunnelPlan): Promise<T>;
}

export const ownColumn = "ropewalk";
export const bareColumn = "bare TCP";
/** Ourselves again, with nothing done to us: what a part compares with. */
export const controlColumn = "control";

/** How often each kind of check is made. Where a round is rare, because bytes cost, its cheap kinds come more often. */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { ProfileConfig } from "./health-config.ts";
import type { ProbeKind } from "./probe.ts";

/** Rounds that come at least this often need no difference between kinds. */
const frequent: Millis = seconds(60);

const perRareRound: Readonly<Record<ProbeKind, number>> = { echo: 1, tcp: 3, dns: 3, tls: 1, http: 1, mtu: 1 };

/** Whether every kind of check is made in each cycle. */
export function isFrequent({ cycle }: Pick<ProfileConfig, "cycle">): boolean {
  return cycle <= frequent;
}

/** From one check of `kind` to the next. */
export function checkInterval(kind: ProbeKind, { cycle }: Pick<ProfileConfig, "cycle">): Millis {
  return isFrequent({ cycle }) ? cycle : millis(Math.max(frequent, cycle / perRareRound[kind]));
}

/** How many targets get a pulse in each interval: fewer where they cost. */
export function pulsedTargets({ interval }: Pick<ProfileConfig, "interval">): number {
  return interval >= frequent ? 1 : 2;
}

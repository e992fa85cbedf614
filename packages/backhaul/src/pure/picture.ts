/** The one picture that readers get: what is seen, what was measured, and what is chosen. Parts that did not change stay the same objects. */
import { type Family, families } from "@ropewalk/kernel/addresses";
import type { Connectivity } from "@ropewalk/kernel/connectivity";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { Decision, DecisionScope, UplinkStatus } from "../status.ts";
import { type ChoiceState, choose, noChoice } from "./choice.ts";
import { candidateOf, connectivityOf, nothingSeen, type SlottedUplink } from "./connectivity.ts";
import { isEqual } from "./equal.ts";
import type { HealthConfig } from "./health/health-config.ts";
import { pathKey } from "./health/probe.ts";
import type { PathVerdict } from "./health/verdict.ts";
import { type Orders, standingOrder } from "./orders.ts";
import { probingOf } from "./probing.ts";
import type { Seen, SeenUplink } from "./seen.ts";
import { type Shift, withShares } from "./sharing.ts";
import { withVerdicts } from "./uplink-status.ts";

export type Decisions = Readonly<Record<DecisionScope, Decision>>;

export interface Picture {
  /** In order of their ifindex. */
  readonly uplinks: readonly UplinkStatus[];
  readonly decisions: Decisions;
  readonly connectivity: Connectivity;
}

/** The choice, and what is about to change in the shares. Plain JSON. */
export interface ScopeState extends ChoiceState {
  readonly shifts: readonly Shift[];
}

export type Choices = Readonly<Record<DecisionScope, ScopeState>>;

const nothingChosen: ScopeState = { ...noChoice, shifts: [] };

export const noChoices: Choices = { ipv4: nothingChosen, ipv6: nothingChosen, overall: nothingChosen };

const nobody: Decision = choose(noChoice, [], null, millis(0), {
  margin: 0,
  betterFor: millis(0),
  returnFor: millis(0),
}).decision;

export const emptyPicture: Picture = {
  uplinks: [],
  decisions: { ipv4: nobody, ipv6: nobody, overall: nobody },
  connectivity: nothingSeen,
};

export interface PictureParts {
  readonly seen: Seen;
  readonly verdicts: ReadonlyMap<string, PathVerdict>;
  readonly choices: Choices;
  readonly orders: Orders;
  readonly now: Millis;
}

export interface Drawn {
  readonly picture: Picture;
  readonly choices: Choices;
  /** When the choice must be made anew if nothing else happens. */
  readonly dueAt: Millis | undefined;
}

export function drawPicture(parts: PictureParts, config: HealthConfig, before: Picture): Drawn {
  const slotted = parts.seen.uplinks.map((seen): SlottedUplink => {
    const status = statusOf(seen, parts.verdicts, config);
    const known = before.uplinks.find((old) => old.id === status.id);
    return { slot: seen.slot, status: known === undefined ? status : kept(status, known) };
  });
  const uplinks = slotted.map((uplink) => uplink.status);
  const chosen = chooseAll(uplinks, parts, config, before.decisions);
  const decisions = kept(chosen.decisions, before.decisions);
  const { generation, ...contentBefore } = before.connectivity;
  const content = connectivityOf(slotted, decisions, parts.seen.isComplete, parts.orders);
  const connectivity = isEqual(content, contentBefore)
    ? before.connectivity
    : { generation: generation + 1, ...content };
  return { picture: { uplinks, decisions, connectivity }, choices: chosen.choices, dueAt: chosen.dueAt };
}

function statusOf(seen: SeenUplink, verdicts: PictureParts["verdicts"], config: HealthConfig): UplinkStatus {
  const { status } = seen;
  const verdictOf = (family: Family) => verdicts.get(pathKey(status.id, family));
  return withVerdicts(status, verdictOf, probingOf(seen, config.probe));
}

function chooseAll(
  uplinks: readonly UplinkStatus[],
  { seen, verdicts, choices, orders, now }: PictureParts,
  config: HealthConfig,
  before: Decisions,
) {
  const decide = (scope: DecisionScope) => {
    const candidates = uplinks.map((uplink) => {
      const order = standingOrder(uplink.id, orders, choices[scope].used);
      return candidateOf(uplink, scope, {
        verdictOf: (family) => verdicts.get(pathKey(uplink.id, family)),
        order,
      });
    });
    const choice = choose(choices[scope], candidates, seen.kernel[scope], now, config.choice);
    const known = { shares: before[scope].shares, shifts: choices[scope].shifts };
    const { decision, shifts, deadline } = withShares(choice.decision, candidates, known, now, config);
    return { decision, state: { ...choice.state, shifts }, deadlines: [choice.deadline, deadline] };
  };
  const ipv4 = decide("ipv4");
  const ipv6 = decide("ipv6");
  const overall = decide("overall");
  const deadlines = [ipv4, ipv6, overall].flatMap((one) => one.deadlines).filter((at) => at !== undefined);
  return {
    decisions: { ipv4: ipv4.decision, ipv6: ipv6.decision, overall: overall.decision },
    choices: { ipv4: ipv4.state, ipv6: ipv6.state, overall: overall.state },
    dueAt: deadlines.length === 0 ? undefined : millis(Math.min(...deadlines)),
  };
}

function kept<T>(now: T, before: T): T {
  return isEqual(now, before) ? before : now;
}

/** The interfaces that traffic takes now, the one that it takes in vain too: its carrier's return matters as much. */
export function activeIfindexes(picture: Picture): ReadonlySet<number> {
  const kernels = families.map((family) => picture.decisions[family].kernel);
  const ids = new Set(kernels.flatMap((kernel) => [kernel, ...(kernel?.shares ?? [])].map((one) => one?.uplinkId)));
  return new Set(picture.uplinks.filter((uplink) => ids.has(uplink.id)).map((uplink) => uplink.ifindex));
}

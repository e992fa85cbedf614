/**
 * Takes an order of the operator, or refuses it with the reason. An order that contradicts one that stands is refused: what was
 * said first must be taken back before the opposite is said.
 */
import { families } from "@ropewalk/kernel/addresses";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import type { DecisionScope, UplinkStatus } from "../status.ts";
import { isHopeless } from "./candidate.ts";
import { candidateOf } from "./connectivity.ts";
import { isEqual } from "./equal.ts";
import { type OperatorOrder, type OrderOutcome, type Orders, orderedBy, standingOrder } from "./orders.ts";
import type { Choices } from "./picture.ts";
import type { BackhaulEffect, BackhaulState } from "./state.ts";

/** What becomes of the order at this moment. */
export function outcomeOf({ picture, orders }: BackhaulState, order: OperatorOrder): OrderOutcome {
  const reason = refusal(order, picture.uplinks, orders);
  return reason === undefined ? { kind: "done" } : { kind: "refused", reason };
}

/** The state that the choice is then made from, and what is told. */
export function takeOrder(
  state: BackhaulState,
  order: OperatorOrder,
): { readonly taken: BackhaulState; readonly effects: readonly BackhaulEffect[] } {
  const outcome = outcomeOf(state, order);
  const uplinkId = order.uplinkId ?? null;
  const uplink = uplinkId === null ? undefined : uplinkOf(uplinkId, state.picture.uplinks);
  const name = uplink?.name ?? uplinkId;
  const told = { kind: "publish", event: { kind: "order", order: order.kind, uplinkId, name, outcome } } as const;
  if (outcome.kind === "refused") return { taken: state, effects: [told] };
  const orders = orderedBy(state.orders, order);
  const isSame = isEqual(orders, state.orders);
  return {
    taken: { ...state, orders: isSame ? state.orders : orders, choices: choicesAfter(state.choices, order, uplink) },
    effects: [told, ...(isSame ? [] : [{ kind: "save-orders", orders } as const])],
  };
}

function uplinkOf(uplinkId: UplinkId, uplinks: readonly UplinkStatus[]): UplinkStatus | undefined {
  return uplinks.find(({ id }) => id === uplinkId);
}

function refusal(order: OperatorOrder, uplinks: readonly UplinkStatus[], orders: Orders): string | undefined {
  const { kind, uplinkId } = order;
  if (uplinkId === undefined) return undefined;
  const uplink = uplinkOf(uplinkId, uplinks);
  if (uplink === undefined) {
    // One that is gone may be released all the same.
    const isOrdered = standingOrder(uplinkId, orders, undefined) !== null;
    return kind === "release" && isOrdered ? undefined : `there is no uplink ${uplinkId}`;
  }
  switch (kind) {
    case "use":
      return heldElsewhere(uplinkId, uplinks, orders) ?? spared(uplink, orders) ?? unusable(uplink) ?? hopeless(uplink);
    case "pin":
      return spared(uplink, orders) ?? unusable(uplink);
    case "drain":
      return orders.pinned === uplinkId ? `${uplink.name} is pinned: release it first` : undefined;
    case "release":
      return undefined;
  }
}

function heldElsewhere(id: UplinkId, uplinks: readonly UplinkStatus[], { pinned }: Orders): string | undefined {
  if (pinned === undefined || pinned === id) return undefined;
  return `${uplinkOf(pinned, uplinks)?.name ?? pinned} is pinned: release it first`;
}

function spared({ id, name }: UplinkStatus, { drained }: Orders): string | undefined {
  return drained.includes(id) ? `${name} is drained: release it first` : undefined;
}

function unusable(uplink: UplinkStatus): string | undefined {
  const isUsable = candidateOf(uplink, "overall").isUsable;
  return isUsable ? undefined : `${uplink.name} cannot be used: ${uplink.reason.text}`;
}

function hopeless(uplink: UplinkStatus): string | undefined {
  if (families.some((family) => isFitToUse(uplink, family))) return undefined;
  return `${uplink.name} would be left at once (${uplink.reason.text}): only a pin holds it`;
}

function isFitToUse(uplink: UplinkStatus, scope: DecisionScope): boolean {
  const candidate = candidateOf(uplink, scope);
  return candidate.isUsable && !isHopeless(candidate);
}

/** A use ends with the next use or pin, and with whatever else is ordered of the same uplink. */
function choicesAfter(choices: Choices, order: OperatorOrder, uplink: UplinkStatus | undefined): Choices {
  const after = (scope: DecisionScope) => {
    const choice = choices[scope];
    if (order.kind === "use") {
      const isFit = uplink !== undefined && isFitToUse(uplink, scope);
      return { ...choice, used: isFit ? order.uplinkId : undefined };
    }
    const isOver = order.kind === "pin" || order.uplinkId === undefined || order.uplinkId === choice.used;
    return isOver && choice.used !== undefined ? { ...choice, used: undefined } : choice;
  };
  return { ipv4: after("ipv4"), ipv6: after("ipv6"), overall: after("overall") };
}

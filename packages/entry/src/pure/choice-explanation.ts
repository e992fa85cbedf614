/**
 * Why a node was not chosen: to an admin each node with its reason; to a customer one word for each region that was asked for, from
 * which nobody learns of a node, of how many there are, or of what is outside his plan.
 * Source: docs/protocols/vpn-node-choice.md.
 */
import {
  type ChoiceRules,
  type FleetNode,
  type NodeId,
  type NodeRequest,
  type Refusal,
  refusalOf,
} from "./node-fitness.ts";

/**
 * The one that leaves most hope. busy: what would do is full for now. occupied: the customer has a session there, or had one just now.
 * unavailable: what would do takes no sessions now. not-offered: nothing there is what was asked for.
 */
export type RegionReason = "busy" | "occupied" | "unavailable" | "not-offered" | "not-in-plan";

export interface RefusedNode {
  readonly id: NodeId;
  readonly refusal: Refusal;
}

export type ChoiceExplanation =
  | { readonly kind: "nodes"; readonly refused: readonly RefusedNode[] }
  | { readonly kind: "regions"; readonly reasons: ReadonlyMap<string, RegionReason> }
  /** To a customer who named one: whether there is such a node is not told. */
  | { readonly kind: "hinted-node" };

/** Of all the nodes that are refused, whether or not another was chosen. */
export function explainChoice(
  fleet: readonly FleetNode[],
  request: NodeRequest,
  rules: ChoiceRules,
): ChoiceExplanation {
  if (request.asker === "admin") return { kind: "nodes", refused: refusedNodes(fleet, request, rules) };
  if (request.nodeHint !== undefined) return { kind: "hinted-node" };
  return { kind: "regions", reasons: regionReasons(fleet, request, rules) };
}

function refusedNodes(fleet: readonly FleetNode[], request: NodeRequest, rules: ChoiceRules): readonly RefusedNode[] {
  return fleet.flatMap((node) => {
    const refusal = refusalOf(node, request, rules);
    return refusal === undefined ? [] : [{ id: node.id, refusal }];
  });
}

/** Of every region that was asked for, or of all those of the plan; from none it is seen whether a node is there. */
function regionReasons(
  fleet: readonly FleetNode[],
  request: NodeRequest,
  rules: ChoiceRules,
): ReadonlyMap<string, RegionReason> {
  const { region: asked, allowedRegions } = request;
  if (asked !== undefined && !allowedRegions.has(asked)) return new Map([[asked, "not-in-plan"]]);
  const regions = asked === undefined ? [...allowedRegions].toSorted() : [asked];
  const reasons = new Map<string, RegionReason>(regions.map((region) => [region, "not-offered"]));
  const free = new Set<string>();
  for (const node of fleet) {
    const known = reasons.get(node.region);
    if (known === undefined) continue;
    const refusal = refusalOf(node, request, rules);
    if (refusal === undefined) free.add(node.region);
    else if (weights[regionReasonOf(refusal)] > weights[known]) reasons.set(node.region, regionReasonOf(refusal));
  }
  for (const region of free) reasons.delete(region);
  return reasons;
}

/** The more hope a reason leaves, the more it counts. */
const weights: Readonly<Record<RegionReason, number>> = {
  busy: 4,
  occupied: 3,
  unavailable: 2,
  "not-offered": 1,
  "not-in-plan": 0,
};

function regionReasonOf({ kind }: Refusal): RegionReason {
  switch (kind) {
    case "full":
    case "no-free-address":
    case "overloaded":
      return "busy";
    case "occupied":
      return "occupied";
    case "disabled":
    case "draining":
    case "other-version":
    case "never-heard":
    case "stale":
    case "unhealthy":
      return "unavailable";
    case "not-an-exit":
    case "not-hinted":
    case "other-region":
    case "other-country":
    case "other-city":
    case "other-pool":
      return "not-offered";
    case "region-not-in-plan":
      return "not-in-plan";
  }
}

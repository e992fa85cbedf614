/**
 * Which node gets a session. Of the nodes that may have it two are drawn by chance, each in proportion to its room, and the one
 * with the larger share of its capacity free is taken: whose figures are old draws the emptiest more often than the others, and never
 * always, so that replicas that know nothing of each other do not all run to one node.
 * Source: docs/protocols/vpn-node-choice.md; M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001.
 */
import { type ChoiceExplanation, explainChoice } from "./choice-explanation.ts";
import { type ChoiceRules, type FleetNode, type NodeRequest, refusalOf, roomOf } from "./node-fitness.ts";

/** 0 ≤ x < 1, uniform. */
export type DrawUnit = () => number;

export type NodeChoice =
  | { readonly kind: "chosen"; readonly node: FleetNode }
  | { readonly kind: "none"; readonly why: ChoiceExplanation };

/** It sorts nothing: a pass to see who may have it, and two short ones. The fleet's order does not matter to the odds. */
export function chooseNode(
  fleet: readonly FleetNode[],
  request: NodeRequest,
  rules: ChoiceRules,
  draw: DrawUnit,
): NodeChoice {
  const fit: FleetNode[] = [];
  let room = 0;
  for (const node of fleet) {
    if (refusalOf(node, request, rules) !== undefined) continue;
    fit.push(node);
    room += roomOf(node);
  }
  const drawNode = () => nodeAt(fit, Math.floor(draw() * room));
  const first = drawNode();
  if (first === undefined) return { kind: "none", why: explainChoice(fleet, request, rules) };
  const second = drawNode() ?? first;
  return { kind: "chosen", node: isFreer(second, first) ? second : first };
}

/** The node in whose stretch the place lies, when each has one as long as its room. */
function nodeAt(fit: readonly FleetNode[], place: number): FleetNode | undefined {
  let left = place;
  for (const node of fit) {
    left -= roomOf(node);
    if (left < 0) return node;
  }
  return undefined;
}

/** By shares of capacity, without dividing: counts are whole, and so are their products. */
function isFreer(one: FleetNode, other: FleetNode): boolean {
  return roomOf(one) * other.capacity > roomOf(other) * one.capacity;
}

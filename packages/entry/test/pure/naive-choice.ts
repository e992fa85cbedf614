/** Node choice as docs/protocols/vpn-node-choice.md has it, line by line and without a thought for time. It shares nothing with the code but types. */
import type { NodeChoice } from "@ropewalk/entry/pure/node-choice";
import type { ChoiceRules, FleetNode, NodeRequest, Refusal } from "@ropewalk/entry/pure/node-fitness";

type Rule = (node: FleetNode, request: NodeRequest, rules: ChoiceRules) => boolean;

/** The table of refusals, in its order. */
const table: readonly (readonly [Refusal["kind"], Rule])[] = [
  ["not-an-exit", (node) => node.roles.indexOf("vpn") === -1],
  ["not-hinted", (node, { nodeHint }) => nodeHint !== undefined && node.id !== nodeHint],
  ["other-region", (node, { region }) => region !== undefined && node.region !== region],
  ["region-not-in-plan", (node, { allowedRegions }) => ![...allowedRegions].includes(node.region)],
  ["other-country", (node, { country }) => country !== undefined && node.country !== country],
  ["other-city", (node, { city }) => city !== undefined && node.city !== city],
  ["other-pool", (node, { pool }) => pool !== undefined && node.pool !== pool],
  ["occupied", (node, { occupiedNodes }) => [...occupiedNodes].includes(node.id)],
  ["disabled", (node) => node.admission === "disabled"],
  ["draining", (node) => node.admission === "draining"],
  ["other-version", (node, _request, { versions }) => ![...versions].includes(node.version)],
  ["never-heard", (node) => node.heartbeatAge === undefined],
  ["stale", (node, _request, { freshness }) => Number(node.heartbeatAge) > freshness],
  ["unhealthy", (node) => node.health !== "healthy"],
  ["full", (node) => node.capacity - node.sessions < 1],
  ["no-free-address", (node) => node.freeAddresses < 1],
  ["overloaded", (node) => Math.floor(node.capacity * (1 - node.load)) < 1],
];

export function naiveRefusal(node: FleetNode, request: NodeRequest, rules: ChoiceRules): Refusal["kind"] | undefined {
  return table.filter(([, holds]) => holds(node, request, rules)).map(([kind]) => kind)[0];
}

/** The id of the chosen node, or undefined; `draws` are the two that chance gave. */
export function naiveChoice(
  fleet: readonly FleetNode[],
  request: NodeRequest,
  rules: ChoiceRules,
  draws: readonly [number, number],
): string | undefined {
  const fit = fleet.filter((node) => naiveRefusal(node, request, rules) === undefined);
  const rooms = fit.map((node) =>
    Math.min(node.capacity - node.sessions, node.freeAddresses, Math.floor(node.capacity * (1 - node.load))),
  );
  const ends = rooms.map((_, index) => rooms.slice(0, index + 1).reduce((sum, room) => sum + room, 0));
  const [first, second] = draws.map((draw) => ends.findIndex((end) => Math.floor(draw * (ends.at(-1) ?? 0)) < end));
  if (first === undefined || second === undefined || first < 0) return undefined;
  const share = (index: number) => (rooms[index] ?? 0) / (fit[index]?.capacity ?? 1);
  return fit[share(second) > share(first) ? second : first]?.id;
}

/** What a customer is told of each region, as the document has it. */
export function naiveReasons(fleet: readonly FleetNode[], request: NodeRequest, rules: ChoiceRules): readonly string[] {
  const { region: asked, allowedRegions: plan } = request;
  if (asked !== undefined && !plan.has(asked)) return [`${asked}: not-in-plan`];
  return (asked === undefined ? [...plan].toSorted() : [asked]).map((region) => {
    const why = fleet.filter((node) => node.region === region).map((node) => naiveRefusal(node, request, rules));
    const has = (...kinds: readonly Refusal["kind"][]) =>
      why.some((kind) => kind !== undefined && kinds.includes(kind));
    if (has("full", "no-free-address", "overloaded")) return `${region}: busy`;
    if (has("occupied")) return `${region}: occupied`;
    if (has("disabled", "draining", "other-version", "never-heard", "stale", "unhealthy"))
      return `${region}: unavailable`;
    return `${region}: not-offered`;
  });
}

/** What is wrong with the choice, in words; undefined when nothing is. */
export function differenceFrom(
  choice: NodeChoice,
  fleet: readonly FleetNode[],
  request: NodeRequest,
  rules: ChoiceRules,
  draws: readonly [number, number],
): string | undefined {
  const expected = naiveChoice(fleet, request, rules, draws);
  if (choice.kind === "chosen")
    return choice.node.id === expected ? undefined : `${choice.node.id} was chosen, and not ${expected}`;
  if (expected !== undefined) return `none was chosen, and not ${expected}`;
  const { why } = choice;
  const [told, due] = [tell(why), dueExplanation(fleet, request, rules)];
  return told === due ? undefined : `it was told "${told}", and not "${due}"`;
}

function tell(why: Extract<NodeChoice, { readonly kind: "none" }>["why"]): string {
  switch (why.kind) {
    case "nodes":
      return why.refused.map(({ id, refusal }) => `${id}: ${refusal.kind}`).join();
    case "regions":
      return [...why.reasons].map(([region, reason]) => `${region}: ${reason}`).join();
    case "hinted-node":
      return "hinted-node";
  }
}

function dueExplanation(fleet: readonly FleetNode[], request: NodeRequest, rules: ChoiceRules): string {
  if (request.asker === "admin") return fleet.map((node) => `${node.id}: ${naiveRefusal(node, request, rules)}`).join();
  return request.nodeHint === undefined ? naiveReasons(fleet, request, rules).join() : "hinted-node";
}

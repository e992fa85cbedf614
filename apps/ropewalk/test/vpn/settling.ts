/**
 * What becomes of a world in which nothing more happens and nothing more is lost: nodes are heard of, are told all that is wanted of them, and
 * are told again what was not answered. Then each has what it is to have, and in the end nobody holds what nobody wants.
 */
import { pruned } from "./canonical-world.ts";
import { broken } from "./placement-laws.ts";
import { type Rules, terms } from "./placement-rules.ts";
import { arrived, snapshotFor, ticked } from "./placement-steps.ts";
import { forwarding, type Message, nodeNames, reserved, type World } from "./placement-world.ts";

/** Until each order that was given is too late, and then until each lease is over. */
const mostSteps = terms.delivery + terms.lease + terms.margin + terms.remember;

export function unsettled(world: World, rules: Rules): readonly string[] {
  let calm = world;
  for (let step = 0; step < mostSteps; step += 1) {
    for (const node of nodeNames) calm = snapshotFor(heardOf(calm), node, rules);
    calm = delivered(calm, rules);
    const laws = broken(calm);
    if (laws.length > 0) return laws.map((law) => `${law}, when all is heard of`);
    if (step < mostSteps - 1) calm = pruned(ticked(calm, rules), rules);
  }
  return faultsAtRest(calm);
}

function heardOf(world: World): World {
  const of = ({ boot, clock }: World["nodes"]["a"]) => ({ boot: `${boot}`, at: clock, heardAt: world.now });
  return { ...world, heard: { a: of(world.nodes.a), b: of(world.nodes.b) } };
}

/** Everything comes, in the order in which it was sent; the answers to it behind. */
function delivered(world: World, rules: Rules): World {
  let next = world;
  const done = new Set<Message>();
  for (let message = next.sent[0]; message !== undefined; message = next.sent.find((one) => !done.has(one))) {
    done.add(message);
    for (const [, reached] of arrived(next, message, rules)) next = reached;
  }
  return next;
}

function faultsAtRest(world: World): readonly string[] {
  const faults: string[] = [];
  const carried = forwarding(world);
  const owned = reserved(world);
  if (owned.some(({ role }) => role !== "current")) faults.push("something is never settled");
  for (const { node, addresses, session } of owned) {
    const isThere = carried.some(
      (one) => one.node === (node as string) && one.publicKey === session.publicKey && one.address === addresses[0],
    );
    if (!isThere) faults.push("a session is never carried again");
  }
  if (carried.length > owned.length) faults.push("an exit carries somebody for ever");
  return [...new Set(faults)];
}

/**
 * Worlds that go on alike are one: what can do nothing any more is left out, times are told from now, generations by their order.
 *
 * A message is in vain when the rules that are looked at would refuse it now, and so for good: what is too late, too old, or for another life
 * stays so. Entry would hear of the refusal of an order; but it may as well give up waiting at any time, which comes to the same.
 */
import { isOver } from "@ropewalk/entry/pure/vpn-session";
import type { Order } from "@ropewalk/vpn/node/pure/order";
import { isRefused, lookedAt } from "./placement-node.ts";
import { type Rules, terms } from "./placement-rules.ts";
import { type Message, type NodeName, nodeNames, reserved, type World } from "./placement-world.ts";

export function pruned(world: World, rules: Rules): World {
  const placements = new Set<string>(reserved(world).map(({ id }) => id));
  const kept = new Map<string, Message>();
  for (const message of world.sent) {
    const identity = identityOf(message);
    if (!kept.has(identity) && !isInVain(world, message, placements, rules)) kept.set(identity, message);
  }
  const sessions = world.sessions.map((session) =>
    session.placements.some(({ role }) => role === "released")
      ? { ...session, placements: session.placements.filter(({ role }) => role !== "released") }
      : session,
  );
  const taken = world.taken.filter((id) => placements.has(id));
  return { ...world, sessions, taken, sent: [...kept.values()] };
}

const identities = new WeakMap<Message, string>();

function identityOf(message: Message): string {
  const known = identities.get(message);
  if (known !== undefined) return known;
  const identity = JSON.stringify(message);
  identities.set(message, identity);
  return identity;
}

function isInVain(world: World, message: Message, placements: ReadonlySet<string>, rules: Rules): boolean {
  if (message.kind === "told") {
    const context = { now: world.now, terms, draw: () => world.counters.a as Order["generation"] };
    return world.sessions.every((session) => rules.stepSession(session, message.event, context).session === session);
  }
  const state = world.nodes[message.node];
  if (message.kind === "snapshot") {
    const { snapshot } = message;
    const isDone = snapshot.watermark === state.watermark && snapshot.watermark > 0;
    if (isDone && snapshot.placements.every((order) => isRefused(state, order, "snapshot", rules))) return true;
    return (
      rules.judgeSnapshot(lookedAt(state, rules), snapshot).kind === "refuse" && Number(snapshot.boot) <= state.boot
    );
  }
  const { order } = message;
  if (order.kind === "place") return isRefused(state, order, "alone", rules);
  return !placements.has(order.placement) && !world.sent.some((other) => couldPlace(other, order));
}

/** Whether what was sent names the placement that an order removes. */
function couldPlace(message: Message, { placement }: Order): boolean {
  if (message.kind === "told") return false;
  const orders = message.kind === "order" ? [message.order] : message.snapshot.placements;
  return orders.some((order) => order.kind === "place" && order.placement === placement);
}

/** The same for worlds that go on alike. */
export function keyOf(world: World): string {
  const { now, left } = world;
  const ranks = { a: ranksOf(world, "a"), b: ranksOf(world, "b") };
  const nodes = nodeNames.map((node) => {
    const { clock, boot, watermark, held, strangers } = world.nodes[node];
    const rank = ranks[node];
    const heard = world.heard[node];
    const rows = held.map((one) =>
      one.kind === "present"
        ? `+${one.placement}@${rank(one.generation)}:${one.endsAt - clock}`
        : `-${one.placement}@${rank(one.generation)}:${one.forgetAt - clock}`,
    );
    const unknown = strangers.map(({ peer, endsAt }) => `?${peer.publicKey}:${endsAt - clock}`);
    const ahead = Number(heard.boot) === boot ? heard.at - heard.heardAt - clock + now : "x";
    const counted = [rank(world.counters[node]), rank(watermark), ahead].join();
    return `${counted};${rows.toSorted().join()};${unknown.toSorted().join()}`;
  });
  const sessions = world.sessions.map((session) => {
    const places = session.placements.map(
      ({ id, node, role, generation, mayLastUntil }) =>
        `${id}${node}${role}@${ranks[node as string as NodeName](generation)}:${Math.max(-1, mayLastUntil - now)}`,
    );
    return isOver(session) && places.length === 0 ? "over" : `${session.publicKey}${session.state}(${places.join()})`;
  });
  const sent = world.sent.map((message) => textOf(world, message, ranks)).toSorted();
  return [
    nodes.join("|"),
    sessions.join("|"),
    sent.join("|"),
    world.taken.toSorted().join(),
    Object.values(left).join(),
  ].join("\n");
}

type Ranks = Readonly<Record<NodeName, (generation: number) => number>>;

function textOf(world: World, message: Message, ranks: Ranks): string {
  if (message.kind === "told") {
    // Of an order that is not the last for its placement it would be in vain.
    return `${message.event.kind} ${message.event.placement}`;
  }
  const { node } = message;
  const { clock, boot } = world.nodes[node];
  const orderText = (order: Order) => {
    const about = `${order.kind}${order.placement}@${ranks[node](order.generation)}`;
    return order.kind === "remove"
      ? about
      : `${about}:${order.until.boot === `${boot}` ? order.until.at - clock : "x"}`;
  };
  if (message.kind === "order") return `${node}${orderText(message.order)}`;
  const { snapshot } = message;
  return `${node}all@${ranks[node](snapshot.watermark)}(${snapshot.placements.map(orderText).join()})`;
}

/** The place of each generation of a node among those that anybody knows of. */
function ranksOf(world: World, node: NodeName): (generation: number) => number {
  const { watermark, held } = world.nodes[node];
  const known = new Set<number>([0, watermark, world.counters[node], ...held.map(({ generation }) => generation)]);
  for (const place of reserved(world)) if ((place.node as string) === node) known.add(place.generation);
  for (const message of world.sent) {
    if (message.kind === "told" || message.node !== node) continue;
    if (message.kind === "order") known.add(message.order.generation);
    else
      for (const one of [message.snapshot.watermark, ...message.snapshot.placements.map((order) => order.generation)])
        known.add(one);
  }
  const sorted = [...known].toSorted((one, other) => one - other);
  return (generation) => sorted.indexOf(generation);
}

/** Every way in which the small world may go on. */
import type { NodeId } from "@ropewalk/entry/pure/node-fitness";
import type { Place, Placement, PlacementId } from "@ropewalk/entry/pure/vpn-placement";
import {
  isOver,
  type SessionEvent,
  type SessionId,
  type SessionStep,
  type VpnSession,
} from "@ropewalk/entry/pure/vpn-session";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { Generation, PlaceOrder, Snapshot } from "@ropewalk/vpn/node/pure/order";
import { aged, type Done, ordered, reopened, toldWhole } from "./placement-node.ts";
import { type Rules, terms } from "./placement-rules.ts";
import {
  type Budget,
  customers,
  type Message,
  type NodeName,
  nodeNames,
  reserved,
  type World,
} from "./placement-world.ts";

export type Way = readonly [what: string, world: World];

/** Nothing is ordered when a lease is over. */
const noGeneration = 0 as Generation;
const addresses = ["10.0.0.2"];

export function* nexts(world: World, rules: Rules): Generator<Way> {
  for (const customer of customers) yield* starts(world, customer, rules);
  for (const [index, session] of world.sessions.entries()) {
    const { publicKey } = session;
    for (const to of places(world, publicKey))
      yield* stepped(world, index, { kind: "move", to }, rules, ["move", `to ${to.node}`]);
    yield* stepped(world, index, { kind: "renew" }, rules, ["renew"]);
    yield* stepped(world, index, { kind: "terminate" }, rules, ["terminate"]);
    for (const { id: placement, generation } of session.placements)
      yield* stepped(world, index, { kind: "silent", placement, generation }, rules);
  }
  for (const message of world.sent) yield* arrived(world, message, rules);
  for (const node of nodeNames) yield* accidents(world, node, rules);
  yield* passing(world, rules);
}

function* starts(world: World, customer: string, rules: Rules): Generator<Way> {
  // The database's constraint: one session that is not over.
  if (world.sessions.some((session) => session.publicKey === customer && !isOver(session))) return;
  // Customers and nodes are alike: the first session is ada's, and on a.
  const isFirst = world.sessions.length === 0;
  if (isFirst && customer !== customers[0]) return;
  const requested = rules.requestSession(`s${world.sessions.length}` as SessionId, customer);
  const asked = { ...world, sessions: [...world.sessions, requested] };
  for (const to of places(world, customer)) {
    if (isFirst && to.node !== nodeNames[0]) continue;
    const detail = `${requested.id} of ${customer} on ${to.node}`;
    yield* stepped(asked, world.sessions.length, { kind: "place", to }, rules, ["start", detail]);
  }
}

/** Where there is room, and the customer has nothing yet: the database's constraints on addresses and on keys. */
function places(world: World, customer: string): readonly Place[] {
  const taken = reserved(world);
  return nodeNames
    .filter((node) => !taken.some((one) => one.node === node && one.session.publicKey === customer))
    .flatMap((node) => {
      const free = addresses.find((each) => !taken.some((one) => one.node === node && one.addresses[0] === each));
      const id = `p${world.placed}` as PlacementId;
      return free === undefined ? [] : [{ id, node: node as string as NodeId, addresses: [free] }];
    });
}

function* stepped(
  world: World,
  index: number,
  event: SessionEvent,
  rules: Rules,
  [rare, detail = ""]: readonly [(keyof Budget)?, string?] = [],
): Generator<Way> {
  const before = world.sessions[index];
  if (before === undefined || (rare !== undefined && world.left[rare] === 0)) return;
  const counters = { ...world.counters };
  const draw = (node: NodeId) => {
    counters[node as string as NodeName] += 1;
    return counters[node as string as NodeName] as Generation;
  };
  const step = rules.stepSession(before, event, { now: world.now, terms, draw });
  if (step.session === before) return;
  const placed = Math.max(world.placed, ...step.session.placements.map(({ id }) => Number(id.slice(1)) + 1));
  const sessions = world.sessions.with(index, step.session);
  const next = spent(
    { ...world, counters, placed, sessions, sent: [...world.sent, ...ordersOf(world, step, rules)] },
    rare,
  );
  const of = "placement" in event ? `${event.placement}@${event.generation}` : before.id;
  yield [rare === undefined ? `entry: ${event.kind} ${of}` : `${rare} ${detail || of}`, next];
}

function ordersOf(world: World, { session, orders }: SessionStep, rules: Rules): readonly Message[] {
  return orders.flatMap(({ kind, placement, generation }): Message[] => {
    const place = session.placements.find(({ id }) => id === placement);
    if (place === undefined) return [];
    const { publicKey } = session;
    const node = place.node as string as NodeName;
    if (kind === "place") return [{ kind: "order", node, order: placing(world, session, place, rules) }];
    return [{ kind: "order", node, order: { kind, placement, generation, publicKey, remember: terms.remember } }];
  });
}

function placing(world: World, { publicKey }: VpnSession, place: Placement, rules: Rules): PlaceOrder {
  const { id: placement, generation, addresses: own } = place;
  const until = rules.mayBeTakenUntil(world.heard[place.node as string as NodeName], world.now, terms);
  return { kind: "place", placement, generation, peer: { publicKey, addresses: own }, lease: terms.lease, until };
}

export function* arrived(world: World, message: Message, rules: Rules): Generator<Way> {
  if (message.kind === "told") {
    for (const index of world.sessions.keys()) yield* stepped(world, index, message.event, rules);
    return;
  }
  const { node } = message;
  const state = world.nodes[node];
  const isOrder = message.kind === "order";
  const done = isOrder ? ordered(state, message.order, rules) : toldWhole(state, message.snapshot, rules);
  const news = done.told.filter((told) => !world.sent.some((sent) => isSame(sent, told)));
  if (done.state === state && news.length === 0) return;
  const what = isOrder
    ? `${message.order.kind} ${message.order.placement}@${message.order.generation}`
    : `all up to ${message.snapshot.watermark}`;
  const taken = [...new Set([...world.taken, ...done.taken])];
  const nodes = { ...world.nodes, [node]: done.state };
  yield [`${node} is told: ${what}`, { ...world, nodes, taken, sent: [...world.sent, ...news] }];
}

function isSame(sent: Message, { event }: Done["told"][number]): boolean {
  if (sent.kind !== "told" || sent.event.kind !== event.kind) return false;
  return sent.event.placement === event.placement && sent.event.generation === event.generation;
}

function* accidents(world: World, node: NodeName, rules: Rules): Generator<Way> {
  const state = world.nodes[node];
  const heard = { boot: `${state.boot}`, at: state.clock, heardAt: world.now };
  // Of a clock that goes with entry's a heartbeat says nothing new.
  const { boot, at } = rules.mayBeTakenUntil(world.heard[node], world.now, { ...terms, delivery: millis(0) });
  if (boot !== heard.boot || at !== heard.at)
    yield [`${node} is heard of`, { ...world, heard: { ...world.heard, [node]: heard } }];
  for (const what of ["reboot", "restart", "wipe"] as const) {
    if (world.left[what] === 0) continue;
    const nodes = { ...world.nodes, [node]: reopened(state, what, rules) };
    yield [`${what} of ${node}`, spent({ ...world, nodes }, what)];
  }
  if (world.left.snapshot > 0) yield [`snapshot for ${node}`, spent(snapshotFor(world, node, rules), "snapshot")];
}

/** One transaction, in which the node's counter stands still. */
export function snapshotFor(world: World, node: NodeName, rules: Rules): World {
  const placements: PlaceOrder[] = [];
  const sessions = world.sessions.map((session) => {
    const named = rules.namedBySnapshot(session.placements, node as string as NodeId, world.now, terms);
    placements.push(...named.map((place) => placing(world, session, place, rules)));
    return {
      ...session,
      placements: session.placements.map((one) => named.find(({ id }) => id === one.id) ?? one),
    };
  });
  const watermark = world.counters[node] as Generation;
  const { boot } = world.heard[node];
  const snapshot: Snapshot = { watermark, boot, placements };
  return { ...world, sessions, sent: [...world.sent, { kind: "snapshot", node, snapshot }] };
}

function* passing(world: World, rules: Rules): Generator<Way> {
  if (world.left.tick === 0) return;
  yield ["tick", spent(ticked(world, rules), "tick")];
  for (const [what, steps] of [
    ["slow", 0],
    ["fast", 2],
  ] as const) {
    if (world.left[what] === 0) continue;
    for (const node of nodeNames)
      yield [
        `tick, and ${node}'s clock counts ${steps}`,
        spent(spent(ticked(world, rules, { [node]: steps }), what), "tick"),
      ];
  }
}

export function ticked(world: World, rules: Rules, steps: Partial<Record<NodeName, number>> = {}): World {
  const { a, b } = world.nodes;
  const nodes = { a: aged(a, steps.a ?? 1, rules), b: aged(b, steps.b ?? 1, rules) };
  const now = millis(world.now + 1);
  return { ...world, now, nodes, sessions: world.sessions.map((session) => lapsed(session, now, rules)) };
}

/** At once, for that is the earliest, and nothing is broken by a place that is free later. */
function lapsed(session: VpnSession, now: Millis, rules: Rules): VpnSession {
  return rules.stepSession(session, { kind: "lapse" }, { now, terms, draw: () => noGeneration }).session;
}

function spent(world: World, rare: keyof Budget | undefined): World {
  return rare === undefined ? world : { ...world, left: { ...world.left, [rare]: world.left[rare] - 1 } };
}

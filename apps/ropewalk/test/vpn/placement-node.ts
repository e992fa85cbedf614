/** A node of the small world: what its shell does with the product's judgements. */
import { millis } from "@ropewalk/kernel/units";
import type { Held } from "@ropewalk/vpn/node/pure/held";
import type { LeaseTable } from "@ropewalk/vpn/node/pure/lease-table";
import type { Generation, Order, PlaceOrder, Snapshot } from "@ropewalk/vpn/node/pure/order";
import type { Rules } from "./placement-rules.ts";
import type { Message, NodeState } from "./placement-world.ts";

type Told = Message & { readonly kind: "told" };

export interface Done {
  readonly state: NodeState;
  readonly told: readonly Told[];
  /** Placements that it has taken. */
  readonly taken: readonly string[];
}

export function ordered(state: NodeState, order: Order, rules: Rules): Done {
  const { told, held } = judged(lookedAt(state, rules), state, order, "alone", rules);
  if (held === undefined) return { state, told: [told], taken: takenOf([told]) };
  const table = tableOf(state, rules);
  table.put(held);
  return { state: stateOf(state, table), told: [told], taken: takenOf([told]) };
}

export function toldWhole(state: NodeState, snapshot: Snapshot, rules: Rules): Done {
  const table = tableOf(state, rules);
  const judgement = rules.judgeSnapshot(table, snapshot);
  if (judgement.kind === "refuse") return { state, told: [], taken: [] };
  for (const { placement } of judgement.unnamed) table.forget(placement);
  for (const publicKey of judgement.strangers) table.removeStranger(publicKey);
  const told = snapshot.placements.map((order) => {
    const one = judged(table, state, order, "snapshot", rules);
    if (one.held !== undefined) table.put(one.held);
    return one.told;
  });
  table.raiseWatermark(snapshot.watermark);
  return { state: stateOf(state, table), told, taken: takenOf(told) };
}

/** What its clock says is over is forgotten. */
export function aged(state: NodeState, steps: number, rules: Rules): NodeState {
  const clock = millis(state.clock + steps);
  const table = tableOf(state, rules);
  table.expire(clock);
  return { ...stateOf(state, table), clock };
}

/** Its machine starts again, or its program, with the store or without. */
export function reopened(state: NodeState, what: "reboot" | "restart" | "wipe", rules: Rules): NodeState {
  const boot = what === "restart" ? state.boot : state.boot + 1;
  const clock = what === "reboot" ? millis(1) : state.clock;
  const stored = { boot: `${state.boot}`, watermark: state.watermark as Generation, held: state.held, resting: [] };
  const present = state.held.filter((one) => one.kind === "present");
  const device =
    what === "reboot" ? [] : [...present, ...state.strangers].map(({ peer, endsAt }) => ({ peer, endsAt }));
  const table = rules.reopen(`${boot}`, what === "wipe" ? undefined : stored, device, clock, millis(0));
  return stateOf({ ...state, boot, clock }, table);
}

/** What is answered, and what is to be put before that. */
function judged(
  table: LeaseTable,
  { clock }: NodeState,
  order: Order,
  from: "alone" | "snapshot",
  rules: Rules,
): { readonly told: Told; readonly held: Held | undefined } {
  const { kind, placement, generation } = order;
  const judgement = rules.judgeOrder(table, order, {
    now: clock,
    isInPool: () => true,
    isLeaving: () => false,
    ownKey: undefined,
    from,
  });
  const done = kind === "place" ? "placed" : "removed";
  const answer = judgement.kind === "refuse" ? "refused" : done;
  const held = judgement.kind === "take" ? judgement.held : undefined;
  return { told: { kind: "told", event: { kind: answer, placement, generation } }, held };
}

function takenOf(told: readonly Told[]): readonly string[] {
  return told.filter(({ event }) => event.kind === "placed").map(({ event }) => event.placement);
}

/** Whether an order to place is refused now, and will be for good: clocks, boots and watermarks do not go back; a tombstone may be forgotten. */
export function isRefused(state: NodeState, order: PlaceOrder, from: "alone" | "snapshot", rules: Rules): boolean {
  const table = lookedAt(state, rules);
  const judgement = rules.judgeOrder(table, order, {
    now: state.clock,
    isInPool: () => true,
    isLeaving: () => false,
    ownKey: undefined,
    from,
  });
  if (judgement.kind !== "refuse" || Number(order.until.boot) > state.boot) return false;
  if (judgement.why === "older") return table.find(order.placement) === undefined;
  return judgement.why === "late" || judgement.why === "other-boot";
}

const tables = new WeakMap<NodeState, LeaseTable>();

/** A table that nobody writes to. */
export function lookedAt(state: NodeState, rules: Rules): LeaseTable {
  const known = tables.get(state);
  if (known !== undefined) return known;
  const table = tableOf(state, rules);
  tables.set(state, table);
  return table;
}

function tableOf({ boot, watermark, held, strangers }: NodeState, { LeaseTable }: Rules): LeaseTable {
  return new LeaseTable(`${boot}`, watermark as Generation, held, strangers);
}

function stateOf(state: NodeState, table: LeaseTable): NodeState {
  const held: readonly Held[] = [...table.all()];
  return { ...state, watermark: table.watermark, held, strangers: [...table.strangers()] };
}

/** Sessions on nodes that count, for tests. */
import { type LeaseTerms, usualTerms } from "@ropewalk/entry/pure/lease-terms";
import type { NodeId } from "@ropewalk/entry/pure/node-fitness";
import type { Generation, Place, Placement, PlacementId, PlacementRole } from "@ropewalk/entry/pure/vpn-placement";
import {
  requestSession,
  type SessionEvent,
  type SessionId,
  type SessionOrder,
  stepSession,
  type VpnSession,
} from "@ropewalk/entry/pure/vpn-session";
import { millis } from "@ropewalk/kernel/units";

export const terms: LeaseTerms = usualTerms;

export function placeOn(node: string, id = `on ${node}`): Place {
  return { id: id as PlacementId, node: node as NodeId, addresses: ["10.0.0.2"] };
}

/** A session, and the counters and the clock of the database. */
export class Ledger {
  session: VpnSession = requestSession("s" as SessionId, "ada");
  now = 0;
  /** Of the last step. */
  orders: readonly SessionOrder[] = [];
  readonly #counters = new Map<NodeId, number>();

  step(...events: readonly SessionEvent[]): this {
    for (const event of events) {
      const draw = (node: NodeId) => {
        const next = (this.#counters.get(node) ?? 0) + 1;
        this.#counters.set(node, next);
        return next as Generation;
      };
      const step = stepSession(this.session, event, { now: millis(this.now), terms, draw });
      [this.session, this.orders] = [step.session, step.orders];
    }
    return this;
  }

  /** What its node tells of the last order for its place on `node`. */
  answer(kind: "placed" | "removed" | "refused" | "silent", node: string): this {
    const { id: placement, generation } = this.on(node);
    return this.step({ kind, placement, generation });
  }

  on(node: string): Placement {
    const found = this.session.placements.findLast((placement) => (placement.node as string) === node);
    if (found === undefined) throw new RangeError(`there is nothing on ${node}`);
    return found;
  }

  /** "a current, b coming". */
  get roles(): string {
    return this.session.placements.map(({ node, role }) => `${node} ${role}`).join(", ");
  }

  /** "remove on a@2". */
  get told(): string {
    return this.orders.map(({ kind, placement, generation }) => `${kind} ${placement}@${generation}`).join(", ");
  }
}

export function activeOn(node: string): Ledger {
  return new Ledger().step({ kind: "place", to: placeOn(node) }).answer("placed", node);
}

export function countOf({ placements }: VpnSession, role: PlacementRole): number {
  return placements.filter((placement) => placement.role === role).length;
}

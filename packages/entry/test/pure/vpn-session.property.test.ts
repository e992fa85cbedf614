/** Events of any kind, in any order, to sessions that are in any state. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Generation, Placement, PlacementId } from "@ropewalk/entry/pure/vpn-placement";
import { isOver, type SessionEvent } from "@ropewalk/entry/pure/vpn-session";
import fc from "fast-check";
import { countOf, Ledger, placeOn, terms } from "./session-of.ts";

const reach = terms.delivery + terms.lease + terms.margin;
const moment = fc.record({
  kind: fc.constantFrom<SessionEvent["kind"][]>(
    ...(["place", "move", "placed", "removed", "refused", "silent", "renew", "fail", "terminate", "lapse"] as const),
  ),
  node: fc.constantFrom("a", "b", "c"),
  about: fc.nat(5),
  /** How many generations ago it was ordered. */
  behind: fc.constantFrom(0, 0, 0, 1),
  waited: fc.nat(Math.ceil(reach / 3)),
});

function eventOf(
  ledger: Ledger,
  { kind, node, about, behind }: { kind: SessionEvent["kind"]; node: string; about: number; behind: number },
) {
  const { placements } = ledger.session;
  const placement = placements[about % Math.max(1, placements.length)];
  switch (kind) {
    case "place":
    case "move":
      return { kind, to: placeOn(node, `p${placements.length}`) };
    case "placed":
    case "removed":
    case "refused":
    case "silent": {
      const generation = ((placement?.generation ?? 1) - behind) as Generation;
      return { kind, placement: placement?.id ?? ("none" as PlacementId), generation };
    }
    default:
      return { kind };
  }
}

const isFree = ({ role }: Placement) => role === "released";

test("whatever happens, a session has one place at most that is its own, one that comes and one that drains, and frees nothing too early", () => {
  fc.assert(
    fc.property(fc.array(moment, { maxLength: 60 }), (moments) => {
      const ledger = new Ledger();
      for (const one of moments) {
        ledger.now += one.waited;
        const before = ledger.session;
        const event = eventOf(ledger, one);
        ledger.step(event);
        const { session } = ledger;
        for (const role of ["coming", "current", "draining"] as const) assert.ok(countOf(session, role) <= 1, role);
        assert.equal(countOf(session, "current"), session.state === "active" ? 1 : 0);
        if (isOver(session)) assert.equal(countOf(session, "coming") + countOf(session, "draining"), 0);
        if (isOver(before)) assert.equal(session.state, before.state);
        for (const [index, placement] of session.placements.entries()) {
          const old = before.placements[index];
          if (old === undefined) continue;
          assert.ok(placement.generation >= old.generation && placement.mayLastUntil >= old.mayLastUntil);
          if (isFree(old)) assert.deepEqual(placement, old);
          else if (isFree(placement)) assert.ok(event.kind === "removed" || old.mayLastUntil <= ledger.now);
          // Whom nobody wants is given nothing more.
          if (old.role === "draining" || old.role === "orphaned")
            assert.equal(placement.mayLastUntil, old.mayLastUntil);
          assert.ok(placement.mayLastUntil <= ledger.now + reach);
        }
      }
    }),
    { numRuns: 5_000 },
  );
});

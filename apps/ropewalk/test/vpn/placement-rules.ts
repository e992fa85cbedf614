/** The product's rules of placements as the model uses them, and the same with something changed. */
import type { LeaseTerms } from "@ropewalk/entry/pure/lease-terms";
import * as clocks from "@ropewalk/entry/pure/node-clock";
import * as snapshots from "@ropewalk/entry/pure/node-snapshot";
import * as sessions from "@ropewalk/entry/pure/vpn-session";
import { millis } from "@ropewalk/kernel/units";
import { mutatedModules, type Patch } from "@ropewalk/simnet/mutated-modules";
import * as orders from "@ropewalk/vpn/node/pure/judge-order";
import * as wholes from "@ropewalk/vpn/node/pure/judge-snapshot";
import * as tables from "@ropewalk/vpn/node/pure/lease-table";
import * as openings from "@ropewalk/vpn/node/pure/reopen";

export interface Rules
  extends Pick<typeof sessions, "requestSession" | "stepSession">,
    Pick<typeof snapshots, "namedBySnapshot">,
    Pick<typeof clocks, "mayBeTakenUntil">,
    Pick<typeof orders, "judgeOrder">,
    Pick<typeof wholes, "judgeSnapshot">,
    Pick<typeof tables, "LeaseTable">,
    Pick<typeof openings, "reopen"> {}

export const rules: Rules = { ...sessions, ...snapshots, ...clocks, ...orders, ...wholes, ...tables, ...openings };

/**
 * In steps of the world's time. As it goes in whole steps, an order is taken one step before its deadline at the latest: what a clock may be
 * wrong by, one step in all, is in that.
 */
export const terms: LeaseTerms = { lease: millis(2), delivery: millis(2), margin: millis(0), remember: millis(3) };

const entries = [
  "@ropewalk/entry/pure/vpn-session",
  "@ropewalk/entry/pure/node-snapshot",
  "@ropewalk/entry/pure/node-clock",
  "@ropewalk/vpn/node/pure/judge-order",
  "@ropewalk/vpn/node/pure/judge-snapshot",
  "@ropewalk/vpn/node/pure/lease-table",
  "@ropewalk/vpn/node/pure/reopen",
].map((name) => import.meta.resolve(name));

/** Patches name files of `packages/entry/src/pure` and `packages/vpn/src/node/pure`. */
export async function mutatedRules(name: string, patches: readonly Patch[]): Promise<Rules> {
  const sources = /\/(?:entry\/src|vpn\/src\/node)\/pure\/([^?]+)/;
  return Object.assign({}, ...(await mutatedModules({ name, sources, entries, patches })));
}

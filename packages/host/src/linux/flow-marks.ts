/**
 * Keeps our table of nftables as it is wanted: nft runs when the table that is there is another, one run at a time, and
 * whoever asks meanwhile gets the outcome of what was wanted last. The table stays when this process ends.
 */
import { createHash } from "node:crypto";
import { describeError } from "@ropewalk/kernel/errors";
import { firewallTable } from "../allocations.ts";
import type { FirewallObject } from "../netlink/firewall-query.ts";
import { flowMarkRules, isMarkable, type MarkedUplink, removeTable, replaceTable } from "../pure/flow-mark-ruleset.ts";
import type { NftOutcome, RunNft } from "./nft-program.ts";

export type FlowMarksOutcome = NftOutcome | { readonly kind: "unchanged" };

export interface FlowMarks extends AsyncDisposable {
  /**
   * Forwarded flows are marked by these uplinks and no others; without any there is no table. Those with names that fit in
   * no ruleset (`isMarkable`) are left out. What stands there is read anew each time. It never rejects.
   */
  want(uplinks: readonly MarkedUplink[]): Promise<FlowMarksOutcome>;
  /** Removes the table. */
  purge(): Promise<FlowMarksOutcome>;
}

interface FlowMarksDeps {
  readonly run: RunNft;
  /** May throw when that cannot be told; it is then refused. */
  readonly isThere: (object: FirewallObject) => boolean;
}

/** Disposing of it waits for the run under way and changes nothing. */
export function createFlowMarks({ run, isThere }: FlowMarksDeps): FlowMarks {
  let latest: readonly MarkedUplink[] = [];
  let running: Promise<FlowMarksOutcome> | undefined;

  const bring = async (uplinks: readonly MarkedUplink[]): Promise<FlowMarksOutcome> => {
    try {
      if (uplinks.length === 0) {
        return isThere({ kind: "table", table: firewallTable }) ? await run(removeTable) : { kind: "unchanged" };
      }
      const rules = flowMarkRules(uplinks);
      const seal = sealOf(rules);
      const isCurrent = isThere({ kind: "chain", table: firewallTable, chain: seal });
      return isCurrent ? { kind: "unchanged" } : await run(replaceTable(rules, seal));
    } catch (error) {
      return { kind: "refused", detail: describeError(error) };
    }
  };
  const bringLatest = async (): Promise<FlowMarksOutcome> => {
    for (;;) {
      const uplinks = latest;
      const outcome = await bring(uplinks);
      if (uplinks !== latest) continue;
      running = undefined;
      return outcome;
    }
  };
  const want = (uplinks: readonly MarkedUplink[]) => {
    latest = uplinks.filter(isMarkable);
    running ??= bringLatest();
    return running;
  };
  return {
    want,
    purge: () => want([]),
    [Symbol.asyncDispose]: async () => void (await running),
  };
}

function sealOf(rules: string): string {
  return `as-${createHash("sha256").update(rules).digest("hex").slice(0, 16)}`;
}

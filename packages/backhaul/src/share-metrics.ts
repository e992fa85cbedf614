/**
 * How much of a family's new flows each uplink gets, as metrics: as was decided, and as the kernel has it. Where nothing is shared
 * one uplink gets all, so that a line tells of both modes.
 */
import { families } from "@ropewalk/kernel/addresses";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import type { Metrics } from "@ropewalk/ops/metrics";
import type { Picture } from "./pure/picture.ts";
import type { Decision, Share } from "./status.ts";

type Ways = Pick<Decision, "uplinkId" | "shares"> | null;

const sources: readonly (readonly [name: string, help: string, read: (decision: Decision) => Ways])[] = [
  ["decision_share_ratio", "Share of a family's new flows that an uplink is to get, 0 to 1.", (decision) => decision],
  [
    "kernel_share_ratio",
    "Share of a family's new flows that the kernel's own routes give to an uplink, 0 to 1.",
    ({ kernel }) => kernel,
  ],
];

/** `picture` is asked at each scrape. */
export function registerShareMetrics(metrics: Metrics, { picture }: { readonly picture: () => Picture }): void {
  for (const [name, help, read] of sources) {
    metrics.gauge({
      name: `ropewalk_backhaul_${name}`,
      help,
      labels: ["family", "uplink"],
      collect: (set) => {
        const { uplinks, decisions } = picture();
        for (const family of families) {
          const ways = read(decisions[family]);
          for (const { id } of uplinks) set({ family, uplink: id }, shareOf(id, ways));
        }
      },
    });
  }
}

function shareOf(id: UplinkId, ways: Ways): number {
  if (ways === null || ways.shares.length === 0) return Number(ways?.uplinkId === id);
  const weightOf = (shares: readonly Share[]) => shares.reduce((sum, { weight }) => sum + weight, 0);
  return weightOf(ways.shares.filter(({ uplinkId }) => uplinkId === id)) / weightOf(ways.shares);
}

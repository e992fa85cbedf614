/** Everything that can be wrong with an uplink at once, and how a person is told. */
import type { BitsPerSecond, Millis } from "@ropewalk/kernel/units";
import type { Delay } from "./delay-line.ts";
import { directions, type PacketFaults } from "./nft-plan.ts";
import type { Shape } from "./shape-plan.ts";

export interface LineFaults {
  readonly carrier: "steady" | "cut" | "flapping";
  readonly packets: PacketFaults;
  readonly shape: Shape | undefined;
  readonly delay: Delay | undefined;
}

/** A few words for each fault; none when the uplink is whole. */
export function describeFaults({ carrier, packets, shape, delay }: LineFaults): readonly string[] {
  const words: string[] = carrier === "steady" ? [] : [carrier];
  for (const direction of directions) {
    const { isBlackhole, lossPercent } = packets[direction];
    if (isBlackhole) words.push(`${direction} blackholed`);
    if (lossPercent > 0) words.push(`${direction} loses ${lossPercent} %`);
  }
  if (shape !== undefined) words.push(`shaped to ${rateText(shape.rate)}`);
  if (delay !== undefined) words.push(`delayed by ${delayText(delay)} each way`);
  if (packets.portal === "asking") words.push("behind a portal");
  return words;
}

function rateText(rate: BitsPerSecond): string {
  return `${rate / 1e6} Mbit/s`;
}

function delayText({ delay, jitter }: { readonly delay: Millis; readonly jitter: Millis }): string {
  return jitter > 0 ? `${delay} ± ${jitter} ms` : `${delay} ms`;
}

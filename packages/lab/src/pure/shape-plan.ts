/** The `tc` commands that narrow an uplink to a rate, by a token bucket (tc-tbf(8)) at the ISP in each direction. */
import type { BitsPerSecond, Millis } from "@ropewalk/kernel/units";
import { interfaces } from "./topology.ts";

export interface Shape {
  readonly rate: BitsPerSecond;
  /** How long a packet may wait in the queue before it is dropped. */
  readonly queue: Millis;
}

const shapedDevices: readonly string[] = [interfaces.customer, interfaces.upstream];

/** Ten packets of full size, or 10 ms of the rate when that is more: less, and timers cap the rate below what is asked. */
function burstBytes(rate: BitsPerSecond): number {
  return Math.max(15_140, Math.ceil(rate / 8 / 100));
}

/** Arguments of `tc`, a command for each direction; undefined takes the buckets away. */
export function shapeCommands(shape: Shape | undefined): readonly (readonly string[])[] {
  return shapedDevices.map((device) => {
    if (shape === undefined) return ["qdisc", "del", "dev", device, "root"];
    const { rate, queue } = shape;
    const bucket = ["rate", `${Math.round(rate)}bit`, "burst", String(burstBytes(rate)), "latency", `${queue}ms`];
    return ["qdisc", "replace", "dev", device, "root", "tbf", ...bucket];
  });
}

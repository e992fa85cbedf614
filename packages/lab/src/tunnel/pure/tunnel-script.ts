/** What a demo of the tunnel carries, at each pace; its steps are those of the other demo. */
import { type Bytes, bytes, type Millis, millis } from "@ropewalk/kernel/units";
import type { Pace } from "../../demo/pure/script.ts";

/** As fast as nobody types, so that a stall is known to so much. */
export const keyEvery: Millis = millis(20);

export type TunnelMode = "hybrid" | "mlkem768";

export interface TunnelPace {
  readonly mode: TunnelMode;
  /** Large enough to outlast the steps. */
  readonly file: { readonly length: Bytes; readonly pace: Bytes };
}

export function tunnelPaceOf(pace: Pace): TunnelPace {
  return pace === "quick"
    ? { mode: "mlkem768", file: { length: bytes(96 << 20), pace: bytes(6 << 20) } }
    : { mode: "hybrid", file: { length: bytes(1 << 30), pace: bytes(20 << 20) } };
}

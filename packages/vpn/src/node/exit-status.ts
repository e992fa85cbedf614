/** How an exit is, for whoever asks. */
import type { Millis } from "@ropewalk/kernel/units";
import type { LeaseStore } from "./lease-store.ts";
import type { LeaseTable } from "./pure/lease-table.ts";
import type { Generation } from "./pure/order.ts";
import type { ReconcileOutcome } from "./reconciler.ts";

export interface ExitNodeStatus {
  readonly boot: string;
  readonly clock: Millis;
  /** The greatest generation that it knows. */
  readonly latest: Generation;
  readonly watermark: Generation;
  /** It has had no snapshot in this boot, or found peers that nobody has ordered. */
  readonly wantsSnapshot: boolean;
  readonly isHealthy: boolean;
  /** In words for an admin. */
  readonly troubles: readonly string[];
  readonly publicKey: string | undefined;
  readonly capacity: number;
  /** For which an address rests that somebody had. */
  readonly quarantine: Millis;
  readonly counts: LeaseTable["counts"];
  readonly lastReconcile: ReconcileOutcome | undefined;
  /** A store that was damaged when this node opened it. */
  readonly setAside: LeaseStore["setAside"];
}

/** What a node says of itself, and how much it keeps of others. */
import type { Millis } from "@ropewalk/kernel/units";
import type { LinkBudgetConfig } from "./protection/link-budget.ts";
import type { RoutesConfig } from "./routing/routes.ts";
import type { NodeKind } from "./wire/link-frame.ts";

export interface MeshNodeConfig {
  /** Bits of its announce. */
  readonly capabilities: number;
  readonly kind: NodeKind;
  /** Between two announces of its own, more or less. */
  readonly interval: Millis;
  /** For which an announce holds. */
  readonly lifetime: Millis;
  /** As far as its announces go; undefined: as far as any may. */
  readonly maxHops?: number;
  readonly keyPackageHash?: Uint8Array;
  readonly prekey?: Uint8Array;
  /** Nodes that it knows of at most, and those of them that never give way. */
  readonly routes: RoutesConfig;
  /** What each link may bring; undefined: `defaultLinkBudget`. */
  readonly limits?: LinkBudgetConfig;
}

/** What a plan is compared with: this machine as it is now, read whether Ropewalk has the wheel or not, and without changing anything. */
import type { NetworkReader } from "@ropewalk/host/ports";
import { nothingPending } from "../pure/pending-names.ts";
import type { BackhaulState } from "../pure/state.ts";
import { type PresentMachine, type SteeringPlan, steeringPlan } from "../pure/steering/steering-plan.ts";
import type { Hands } from "./hands.ts";

export interface PlanReader
  extends Pick<NetworkReader, "rules">,
    Pick<PresentMachine, "setting" | "address" | "names" | "marks"> {}

/** Who has the wheel knows more: `hands` are asked first. */
export function planNow(
  state: BackhaulState,
  { changed, entries }: Pick<PresentMachine, "changed" | "entries">,
  reader: PlanReader,
  hands: Pick<Hands, "rules" | "resolvers" | "areNamesFollowing"> | undefined,
): SteeringPlan {
  const { setting, address, marks } = reader;
  const rules = hands?.rules.rules ?? reader.rules();
  const names: PresentMachine["names"] = (plan) => {
    if (hands === undefined) return reader.names(plan);
    return (hands.areNamesFollowing ? hands.resolvers?.pending(plan) : undefined) ?? nothingPending;
  };
  return steeringPlan(state, { rules, changed, entries, setting, address, marks, names });
}

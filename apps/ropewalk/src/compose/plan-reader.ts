/** How the real kernel and files of this machine are, for the plan: it reads, and opens nothing that stays open. */
import { readPendingNames } from "@ropewalk/backhaul/io/resolver-follower";
import { nothingPending } from "@ropewalk/backhaul/pure/pending-names";
import type { PlanReader } from "@ropewalk/backhaul/steering/plan-reader";
import { readAbilities } from "@ropewalk/host/linux/abilities";
import { readStandingAddress } from "@ropewalk/host/linux/address-lifetimes";
import { isFirewallObjectThere } from "@ropewalk/host/linux/firewall-objects";
import { flowMarksScript } from "@ropewalk/host/linux/flow-marks";
import { isForwarding } from "@ropewalk/host/linux/forwarding";
import type { Native } from "@ropewalk/host/linux/native";
import { createNetworkReader } from "@ropewalk/host/linux/network-reader";
import { createSettingFiles } from "@ropewalk/host/linux/setting-files";
import { resolvConf } from "./hands.ts";

/** `areNamesFollowing`: backhaul.dns.follow. */
export function createPlanReader(native: Native, areNamesFollowing: boolean): PlanReader {
  const reader = createNetworkReader(native);
  // Whoever may not ask for a table could not have made one.
  const mayAsk = readAbilities(native).netAdmin;
  return {
    rules: () => reader.rules(),
    setting: createSettingFiles().read,
    address: (own) => readStandingAddress(native, own),
    names: (plan) => (areNamesFollowing ? readPendingNames(resolvConf, plan) : nothingPending),
    marks: (uplinks) =>
      flowMarksScript(isForwarding() ? uplinks : [], (object) => mayAsk && isFirewallObjectThere(native, object)),
  };
}

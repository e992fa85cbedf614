/** The hands that change the real kernel of this machine. */

import type { Hands } from "@ropewalk/backhaul/steering/hands";
import { uplinkMarkMask } from "@ropewalk/host/allocations";
import { isFlowOf } from "@ropewalk/host/flow-of-uplink";
import { isFirewallObjectThere } from "@ropewalk/host/linux/firewall-objects";
import { createFlowMarks } from "@ropewalk/host/linux/flow-marks";
import { isForwarding } from "@ropewalk/host/linux/forwarding";
import type { Native } from "@ropewalk/host/linux/native";
import { createNftProgram } from "@ropewalk/host/linux/nft-program";
import { createRoutingWriter } from "@ropewalk/host/linux/routing-writer";
import { watchRules } from "@ropewalk/host/linux/rule-watch";
import { createSettingFiles } from "@ropewalk/host/linux/setting-files";
import { destroyStranded } from "@ropewalk/host/linux/stranded-sockets";
import { deleteFlows } from "@ropewalk/host/linux/tracked-flows";
import type { Clock } from "@ropewalk/kernel/clock";

/** Throws HOST_NETLINK when the kernel gives no sockets. The caller disposes. */
export function openHands(native: Native, clock: Clock): Hands {
  const run = createNftProgram(clock);
  const marks = createFlowMarks({ run, isThere: (object) => isFirewallObjectThere(native, object) });
  using opening = new DisposableStack();
  const writer = opening.use(createRoutingWriter(native));
  const rules = opening.use(watchRules(native));
  const owned = opening.move();
  return {
    writer,
    rules,
    settings: createSettingFiles(),
    marks,
    isForwarding,
    endSockets: ({ addresses }) => destroyStranded(native, addresses, ({ mark }) => (mark & uplinkMarkMask) !== 0),
    endFlows: (traffic) => deleteFlows(native, isFlowOf(traffic)),
    async [Symbol.asyncDispose]() {
      owned[Symbol.dispose]();
      await marks[Symbol.asyncDispose]();
    },
  };
}

/** The hands that change the real kernel of this machine. */

import type { Hands } from "@ropewalk/backhaul/steering/hands";
import { uplinkMarkMask } from "@ropewalk/host/allocations";
import type { Native } from "@ropewalk/host/linux/native";
import { createRoutingWriter } from "@ropewalk/host/linux/routing-writer";
import { watchRules } from "@ropewalk/host/linux/rule-watch";
import { createSettingFiles } from "@ropewalk/host/linux/setting-files";
import { destroyStranded } from "@ropewalk/host/linux/stranded-sockets";
import { deleteFlows } from "@ropewalk/host/linux/tracked-flows";

/** Throws HOST_NETLINK when the kernel gives no sockets. The caller disposes. */
export function openHands(native: Native): Hands {
  using opening = new DisposableStack();
  const writer = opening.use(createRoutingWriter(native));
  const rules = opening.use(watchRules(native));
  const owned = opening.move();
  return {
    writer,
    rules,
    settings: createSettingFiles(),
    endSockets: ({ addresses }) => destroyStranded(native, addresses, ({ mark }) => (mark & uplinkMarkMask) !== 0),
    endFlows: ({ family, addresses, mark }) =>
      deleteFlows(native, (flow) => {
        if (flow.family !== family) return false;
        return addresses.has(flow.replyDestination) || (flow.mark & uplinkMarkMask) === mark;
      }),
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}

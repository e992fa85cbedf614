/** Writes routes and rules over one rtnetlink socket that stays open: a change is a system call or two, and no process. */
import { encodeRoutingChange } from "../netlink/routing-requests.ts";
import type { RoutingWriter, WriteResult } from "../ports.ts";
import type { RoutingChange } from "../routing.ts";
import { ERRNO, type Native } from "./native.ts";
import { NetlinkExchange, type Verdict } from "./netlink-exchange.ts";

/** Throws HOST_NETLINK when the kernel gives no socket. */
export function createRoutingWriter(native: Native): RoutingWriter {
  const exchange = new NetlinkExchange(native, "ROUTE", "routes and rules");
  return {
    perform: (change) =>
      resultOf(
        change,
        exchange.order((sequence) => encodeRoutingChange(change, sequence)),
      ),
    [Symbol.dispose]: () => exchange[Symbol.dispose](),
  };
}

/** What is as wanted already is no failure: somebody else, or we before a crash, did it. */
function resultOf({ kind }: RoutingChange, { errno, text }: Verdict): WriteResult {
  if (errno === 0) return { kind: "done" };
  const isThere = kind === "add-rule" && errno === ERRNO.EEXIST;
  const isGone =
    (kind === "remove-route" || kind === "remove-rule") && (errno === ERRNO.ESRCH || errno === ERRNO.ENOENT);
  if (isThere || isGone) return { kind: "unchanged" };
  return { kind: "refused", errno, text };
}

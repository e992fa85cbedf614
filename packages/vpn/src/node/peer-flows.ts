/** What the kernel tracks of peers' connections: it goes with the lease, or an answer would come to whoever has the address next. */

import type { Native } from "@ropewalk/host/linux/native";
import { SourceFlows } from "@ropewalk/host/linux/source-flows";
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { describeError } from "@ropewalk/kernel/errors";

export type FlowsEnded =
  | { readonly kind: "ended"; readonly count: number }
  /** Some may still be tracked. */
  | { readonly kind: "failed"; readonly detail: string };

export interface PeerFlows {
  /** Ends all that began at these addresses. */
  end(sources: ReadonlySet<IpAddress>): FlowsEnded;
  /** Ends all that began at an address that is meant: the kernel tells of every connection for it. */
  endAll(isMeant: (source: IpAddress) => boolean): FlowsEnded;
}

/** Needs CAP_NET_ADMIN. The caller disposes of it. */
export function createPeerFlows(native: Native): PeerFlows & Disposable {
  const flows = new SourceFlows(native);
  return {
    end: (sources) => told(() => flows.deleteFrom(sources)),
    endAll: (isMeant) => told(() => flows.deleteWhere(isMeant)),
    [Symbol.dispose]: () => flows[Symbol.dispose](),
  };
}

function told(remove: () => ReturnType<SourceFlows["deleteFrom"]>): FlowsEnded {
  try {
    const { removed, refused, detail } = remove();
    if (refused === 0) return { kind: "ended", count: removed };
    return { kind: "failed", detail: `the kernel keeps ${refused} connections: ${detail}` };
  } catch (error) {
    return { kind: "failed", detail: describeError(error) };
  }
}

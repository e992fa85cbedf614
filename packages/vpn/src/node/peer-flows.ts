/** What the kernel tracks of peers' connections: it goes with the lease, or an answer would come to whoever has the address next. */

import type { Native } from "@ropewalk/host/linux/native";
import { deleteFlowsFrom } from "@ropewalk/host/linux/source-flows";
import { deleteFlows } from "@ropewalk/host/linux/tracked-flows";
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

type Removed = ReturnType<typeof deleteFlowsFrom>;

/** Needs CAP_NET_ADMIN. */
export function createPeerFlows(native: Native): PeerFlows {
  return {
    end: (sources) => told(() => [deleteFlowsFrom(native, sources)]),
    endAll: (isMeant) => told(() => deleteFlows(native, [({ source }) => isMeant(source)])),
  };
}

function told(remove: () => readonly Removed[]): FlowsEnded {
  try {
    const [outcome] = remove();
    if (outcome === undefined || outcome.refused === 0) return { kind: "ended", count: outcome?.removed ?? 0 };
    return { kind: "failed", detail: `the kernel keeps ${outcome.refused} connections: ${outcome.detail}` };
  } catch (error) {
    return { kind: "failed", detail: describeError(error) };
  }
}

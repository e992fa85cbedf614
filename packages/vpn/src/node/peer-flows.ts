/** What the kernel tracks of peers' connections: it goes with the lease, or an answer would come to whoever has the address next. */

import type { Native } from "@ropewalk/host/linux/native";
import { deleteFlows } from "@ropewalk/host/linux/tracked-flows";
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { describeError } from "@ropewalk/kernel/errors";

export type FlowsEnded =
  | { readonly kind: "ended"; readonly count: number }
  /** Some may still be tracked. */
  | { readonly kind: "failed"; readonly detail: string };

export interface PeerFlows {
  /** Ends all that began at an address that is meant, in one walk through what is tracked. */
  end(isMeant: (source: IpAddress) => boolean): FlowsEnded;
}

/** Needs CAP_NET_ADMIN. */
export function createPeerFlows(native: Native): PeerFlows {
  return {
    end(isMeant) {
      try {
        const [outcome] = deleteFlows(native, [({ source }) => isMeant(source)]);
        if (outcome === undefined || outcome.refused === 0) return { kind: "ended", count: outcome?.removed ?? 0 };
        return { kind: "failed", detail: `the kernel keeps ${outcome.refused} connections: ${outcome.detail}` };
      } catch (error) {
        return { kind: "failed", detail: describeError(error) };
      }
    },
  };
}

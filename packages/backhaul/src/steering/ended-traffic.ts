/** Ends what is on a way that carries nothing any more, or should not: local sockets, and what the kernel knows of forwarded flows. */
import { uplinkMark } from "@ropewalk/host/allocations";
import { describeError } from "@ropewalk/kernel/errors";
import type { Way } from "../pure/steering/stranded.ts";
import type { Ended, Hands } from "./hands.ts";

export interface EndedTraffic {
  readonly way: Way;
  readonly sockets: Ended;
  readonly flows: Ended;
}

/** Never throws: what cannot be listed counts as refused. */
export function endTraffic(way: Way, hands: Pick<Hands, "endSockets" | "endFlows">): EndedTraffic {
  const traffic = { family: way.family, addresses: new Set(way.addresses), mark: uplinkMark(way.slot) };
  const sockets = attempted(() => hands.endSockets(traffic));
  return { way, sockets, flows: attempted(() => hands.endFlows(traffic)) };
}

function attempted(work: () => Ended): Ended {
  try {
    return work();
  } catch (error) {
    return { removed: 0, refused: 1, detail: describeError(error) };
  }
}

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

/**
 * Flows of all ways come before sockets: a forwarded packet that still meets its old flow is lost, and sent again much later. Never
 * throws: what cannot be listed counts as refused.
 */
export function endTraffic(
  ways: readonly Way[],
  hands: Pick<Hands, "endSockets" | "endFlows">,
): readonly EndedTraffic[] {
  const traffics = ways.map((way) => {
    return { way, traffic: { family: way.family, addresses: new Set(way.addresses), mark: uplinkMark(way.slot) } };
  });
  return traffics
    .map(({ way, traffic }) => ({ way, traffic, flows: attempted(() => hands.endFlows(traffic)) }))
    .map(({ way, traffic, flows }) => ({ way, flows, sockets: attempted(() => hands.endSockets(traffic)) }));
}

function attempted(work: () => Ended): Ended {
  try {
    return work();
  } catch (error) {
    return { removed: 0, refused: 1, detail: describeError(error) };
  }
}

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

/** `at-once`: forwarded flows by their mark, first of all; only where flows are marked. `counted`: to the flow. `by-address`: only what has one of the addresses. */
export type Ending = "at-once" | "counted" | "by-address";

/**
 * Who is forwarded comes first: a packet that still meets its old flow is lost, and sent again much later. Then local sockets, whose
 * programs wait, and what must be looked for. Never throws: what cannot be listed counts as refused.
 */
export function endTraffic(
  ways: readonly Way[],
  hands: Pick<Hands, "endSockets" | "endFlows" | "flushFlows">,
  ending: Ending,
): readonly EndedTraffic[] {
  if (ways.length === 0) return [];
  const traffics = ways.map(({ family, addresses, slot }) => {
    return { family, addresses: new Set(addresses), mark: ending === "by-address" ? 0 : uplinkMark(slot) };
  });
  const ofAll = (work: () => readonly Ended[]) => attempted(work, (failed) => traffics.map(() => failed));
  const flushed = ending === "at-once" ? ofAll(() => hands.flushFlows(traffics)) : [];
  const sockets = traffics.map((traffic) =>
    attempted(
      () => hands.endSockets(traffic),
      (failed) => failed,
    ),
  );
  const found = ofAll(() => hands.endFlows(traffics));
  return ways.map((way, index) => ({
    way,
    flows: sumOf(flushed[index] ?? nothing, found[index] ?? nothing),
    sockets: sockets[index] ?? nothing,
  }));
}

function sumOf(a: Ended, b: Ended): Ended {
  return { removed: a.removed + b.removed, refused: a.refused + b.refused, detail: a.detail ?? b.detail };
}

const nothing: Ended = { removed: 0, refused: 0, detail: undefined };

function attempted<Outcome>(work: () => Outcome, outcomeOf: (failed: Ended) => Outcome): Outcome {
  try {
    return work();
  } catch (error) {
    return outcomeOf({ removed: 0, refused: 1, detail: describeError(error) });
  }
}

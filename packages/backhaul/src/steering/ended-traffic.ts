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
  known: "by-mark-and-address" | "by-address" = "by-mark-and-address",
): readonly EndedTraffic[] {
  if (ways.length === 0) return [];
  const traffics = ways.map(({ family, addresses, slot }) => {
    return { family, addresses: new Set(addresses), mark: known === "by-address" ? 0 : uplinkMark(slot) };
  });
  const flows = attempted(
    () => hands.endFlows(traffics),
    (failed) => traffics.map(() => failed),
  );
  const sockets = traffics.map((traffic) =>
    attempted(
      () => hands.endSockets(traffic),
      (failed) => failed,
    ),
  );
  return ways.map((way, index) => ({ way, flows: flows[index] ?? nothing, sockets: sockets[index] ?? nothing }));
}

const nothing: Ended = { removed: 0, refused: 0, detail: undefined };

function attempted<Outcome>(work: () => Outcome, outcomeOf: (failed: Ended) => Outcome): Outcome {
  try {
    return work();
  } catch (error) {
    return outcomeOf({ removed: 0, refused: 1, detail: describeError(error) });
  }
}

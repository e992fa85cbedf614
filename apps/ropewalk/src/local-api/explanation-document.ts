/** Puts the backhaul's explanation into the words of the API's contract, with what a reader would else look up in the status. */
import { type ExplanationDocument, explanationSchemaNumber } from "@ropewalk/api/explanation";
import { isMovingTraffic, type SteeringDocument } from "@ropewalk/api/steering";
import type { BackhaulExplanation } from "@ropewalk/backhaul/explanation";
import type { BackhaulStatus } from "@ropewalk/backhaul/status";
import { decisionsDocument } from "./status-document.ts";

/** All must be of one moment; `at` is that moment, ISO 8601. An uplink of only one of them is left out. */
export function explanationDocument(
  explanation: BackhaulExplanation,
  status: BackhaulStatus,
  steering: SteeringDocument,
  at: string,
): ExplanationDocument {
  const { ipv4, ipv6 } = status.connectivity;
  return {
    schema: explanationSchemaNumber,
    at,
    monitorOnly: !isMovingTraffic(steering),
    probing: status.probing,
    connectivity: { ipv4, ipv6 },
    decisions: decisionsDocument(explanation.decisions),
    uplinks: explanation.uplinks.flatMap(({ uplinkId, name, probing, probeBytes, paths }) => {
      const uplink = status.uplinks.find(({ id }) => id === uplinkId);
      if (uplink === undefined) return [];
      const { label, kind, state, reason } = uplink;
      return [{ id: uplinkId, name, label, kind, state, reason, probing, probeBytes, paths }];
    }),
    faultyTargets: explanation.faultyTargets,
    history: explanation.history,
  };
}

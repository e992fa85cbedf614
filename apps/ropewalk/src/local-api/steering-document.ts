/** Puts the state of the wheel, and what was done with it, into the words of the API's contract. */
import type { SteeringActDocument, SteeringDocument } from "@ropewalk/api/steering";
import type { Waiting } from "@ropewalk/backhaul/pure/steering/standing";
import type { SteeringStatus } from "@ropewalk/backhaul/steering/steering-status";
import type { SteeringEvent } from "@ropewalk/backhaul/steering-event";

const whyWaiting: Readonly<Record<Waiting, string>> = {
  "not-taken": "nobody has given it the wheel yet",
  unconfirmed: "the last time nobody confirmed, and it gave everything back",
  purged: "somebody took the wheel back",
};

export function steeringDocument({ standing, confirmBy, unmet }: SteeringStatus): SteeringDocument {
  const at = confirmBy === null ? null : new Date(confirmBy).toISOString();
  return { standing: standing.kind, text: textOf(standing), confirmBy: at, unmet };
}

export function steeringAct(event: SteeringEvent, status: SteeringStatus): SteeringActDocument {
  const { action, family, uplinkId, cause, evidence } = event;
  return { action, family, uplinkId, cause, evidence, steering: steeringDocument(status) };
}

function textOf(standing: SteeringStatus["standing"]): string {
  switch (standing.kind) {
    case "watching":
      return "Ropewalk only watches: it changes no route (backhaul.monitor_only).";
    case "dry-run":
      return "Ropewalk only says what it would do: `ropewalk uplink plan` (backhaul.execute_commands = false).";
    case "waiting":
      return `Ropewalk changes no route: ${whyWaiting[standing.because]}. \`ropewalk uplink take\` gives it the wheel.`;
    case "trial":
      return "Ropewalk moves traffic on trial: `ropewalk uplink confirm` keeps it so, else everything is given back.";
    case "steering":
      return "Ropewalk moves traffic; `ropewalk uplink purge` takes the wheel back.";
  }
}

/** Gives the running node an order about an uplink, and says what was decided with it. */
import type { DecisionsDocument } from "@ropewalk/api/http";
import type { OrderVerb } from "@ropewalk/api/steering";
import type { RunCommand } from "../command-line/command.ts";
import { exitCodes } from "../exit-codes.ts";
import { printable } from "../render/table.ts";
import { askDaemon } from "./connect.ts";
import { findUplink } from "./find-uplink.ts";
import { withRefusals } from "./refusals.ts";

/** The command of one verb. Without NAME, which only a release may be, it is of all uplinks. */
export function orderCommand(verb: OrderVerb): RunCommand {
  return async ({ flags, operands }, context) => {
    const [name] = operands;
    const { answer } = await withRefusals(
      askDaemon(context, async (client, signal) => {
        const { backhaul } = await client.status(signal);
        const id = name === undefined ? undefined : findUplink(name, backhaul.uplinks).id;
        return { decisions: await client.order(verb, id, signal), isWatching: backhaul.monitorOnly };
      }),
    );
    const text = flags.has("json") ? JSON.stringify(answer.decisions, undefined, 2) : lines(answer).join("\n");
    context.output.write(`${text}\n`);
    return exitCodes.ok;
  };
}

interface Answered {
  readonly decisions: DecisionsDocument;
  readonly isWatching: boolean;
}

function lines({ decisions: { overall }, isWatching }: Answered): readonly string[] {
  const chosen = overall.name === null ? "none" : printable(overall.name);
  return [
    `Chosen: ${chosen}: ${printable(overall.reason)}`,
    ...(isWatching ? ["Ropewalk only watches: traffic goes on as it did."] : []),
  ];
}

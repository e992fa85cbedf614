/**
 * `ropewalk uplink take`: shows what would change, and gives Ropewalk the wheel when the operator says so. Unless it is confirmed
 * in time everything is given back, so that who cuts himself off is let in again.
 */
import type { SteeringDocument } from "@ropewalk/api/steering";
import type { CommandContext } from "../command-context.ts";
import type { RunCommand } from "../command-line/command.ts";
import { AppError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { askDaemon } from "../local-api/connect.ts";
import { askToSteer } from "../local-api/steer.ts";
import { planLines } from "../render/plan-view.ts";

export const run: RunCommand = async ({ flags }, context) => {
  const { output, person } = context;
  if (!flags.has("yes")) {
    const { answer } = await askDaemon(context, (client, signal) => client.plan(signal));
    output.write(`${planLines(answer).join("\n")}\n`);
    if (!person.isThere) throw new AppError("APP_USAGE", "nothing was done: to do it without being asked, say --yes");
    if (!isYes(await person.ask("Shall Ropewalk do this and move traffic from now on? [y/N] "))) {
      output.write("Nothing was done.\n");
      return exitCodes.ok;
    }
  }
  const steering = await askToSteer(context, (client, signal) => client.steer("take", signal));
  const settled = steering.standing === "trial" && person.isThere ? await confirmed(steering, context) : steering;
  output.write(`${flags.has("json") ? JSON.stringify(settled, undefined, 2) : takenText(settled, context)}\n`);
  return exitCodes.ok;
};

/** Who can still answer is still connected. */
async function confirmed(steering: SteeringDocument, context: CommandContext): Promise<SteeringDocument> {
  const { person, output } = context;
  output.write(`Traffic is moved. Everything is given back ${deadlineText(steering, context)} unless you confirm.\n`);
  if (!isYes(await person.ask("Is all well, and shall Ropewalk keep the wheel? [y/N] "))) return steering;
  return askToSteer(context, (client, signal) => client.steer("confirm", signal));
}

function takenText(steering: SteeringDocument, context: CommandContext): string {
  if (steering.standing !== "trial") return steering.text;
  return `${steering.text}\nIt is given back ${deadlineText(steering, context)}: ${context.program} uplink confirm`;
}

function deadlineText({ confirmBy }: SteeringDocument, { clock }: CommandContext): string {
  const left = confirmBy === null ? 0 : Math.max(0, Date.parse(confirmBy) - clock.wall());
  return `in ${Math.round(left / 1000)} s`;
}

function isYes(answer: string | undefined): boolean {
  return /^y(es)?$/i.test(answer?.trim() ?? "");
}

/** `ropewalk tunnel probe HOST:PORT`: one handshake with a destination, and all that came of it. */
import { installSignals } from "@ropewalk/ops/signals";
import { type DialOutcome, dial } from "@ropewalk/tunnel/dial";
import type { CommandContext } from "../command-context.ts";
import type { GivenArguments, RunCommand } from "../command-line/command.ts";
import { durationOf, placeOf, startHandshakes, tunnelEnd } from "../compose/tunnel-ends.ts";
import { exitCodes } from "../exit-codes.ts";
import { refusalDocument, refusalLine, sessionDocument, sessionLines } from "../render/handshake-view.ts";

export const run: RunCommand = async (given, context) => {
  const { clock } = context;
  const place = placeOf(given.operands[0] ?? "");
  const end = tunnelEnd(given, context);
  const { config, mode } = end;
  const within = durationOf("--timeout", given.values.get("timeout"), config.handshake.within);
  const named = given.values.get("server-name");
  const allow = named === undefined ? (config.allow ?? [place.host]) : [named];
  const ended = Promise.withResolvers<void>();
  await using thread = await startHandshakes(end, "source", context, ended.reject);
  using _signals = installSignals(context.signals, {
    stop: () => ended.resolve(),
    reload: () => {},
    exit: context.exit,
  });
  const task = { role: "source", mode, allow, authenticateWithin: within } as const;
  const onClosed = () => ended.resolve();
  const dialled = dial({ ...place, ...{ thread, clock, task, connectWithin: within, onClosed } });
  const outcome = await Promise.race([dialled, ended.promise]);
  if (outcome === undefined) return exitCodes.failed;
  tell(outcome, given, context);
  if (outcome.kind === "established") {
    if (given.flags.has("hold")) await ended.promise;
    outcome.connection.end();
  }
  // The other end is to hear of it.
  await ended.promise;
  return outcome.kind === "refused" ? exitCodes.refused : exitCodes.ok;
};

function tell(outcome: DialOutcome, { flags, operands }: GivenArguments, { output, errors }: CommandContext): void {
  const isRefused = outcome.kind === "refused";
  if (flags.has("json")) {
    const document = isRefused
      ? refusalDocument(outcome.refusal)
      : sessionDocument(outcome.established, outcome.connectTook);
    output.write(`${JSON.stringify(document)}\n`);
    return;
  }
  if (isRefused) errors.write(`ropewalk: ${refusalLine(outcome.refusal)}.\n`);
  else
    output.write(
      `${[`${operands[0]} is proved.`, ...sessionLines(outcome.established, outcome.connectTook)].join("\n")}\n`,
    );
}

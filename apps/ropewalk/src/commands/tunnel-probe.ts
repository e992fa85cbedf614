/** `ropewalk tunnel probe HOST:PORT`: one handshake with a destination, and all that came of it. */
import { installSignals } from "@ropewalk/ops/signals";
import { type DialOutcome, dial } from "@ropewalk/tunnel/dial";
import type { CommandContext } from "../command-context.ts";
import type { GivenArguments, RunCommand } from "../command-line/command.ts";
import { durationOf, placeOf, startHandshakes, tunnelEnd } from "../compose/tunnel-ends.ts";
import { keepIdentity } from "../compose/tunnel-identity.ts";
import { exitCodes } from "../exit-codes.ts";
import { refusalDocument, refusalLine, sessionDocument, sessionLines } from "../render/handshake-view.ts";

export const run: RunCommand = async (given, context) => {
  const { clock, errors } = context;
  const place = placeOf(given.operands[0] ?? "");
  const end = tunnelEnd(given, context);
  const within = durationOf("--timeout", given.values.get("timeout"), end.config.handshake.within);
  const named = given.values.get("server-name");
  const allow = named === undefined ? (end.config.allow ?? [place.host]) : [named];
  const stopped = Promise.withResolvers<"stopped">();
  await using thread = await startHandshakes(end, "source", context, stopped.reject);
  const stop = () => stopped.resolve("stopped");
  using _signals = installSignals(context.signals, { stop, reload: () => {}, exit: context.exit });
  const task = { role: "source", mode: end.mode, allow, authenticateWithin: within } as const;
  const onTrouble = (reason: string) => errors.write(`ropewalk: ${reason}\n`);
  const outcome = await Promise.race([
    dial({ ...place, ...{ thread, clock, task, connectWithin: within, onTrouble } }),
    stopped.promise,
  ]);
  if (outcome === "stopped") return exitCodes.failed;
  tell(outcome, given, context);
  if (outcome.kind === "refused") {
    await Promise.race([outcome.closed, stopped.promise]);
    return exitCodes.refused;
  }
  const { connection, established } = outcome;
  if (given.flags.has("hold")) {
    using kept = keepIdentity(end, allow, "source", thread, context);
    kept.add(established, connection, `${place.host} ${place.port}`);
    const how = await Promise.race([connection.closed, stopped.promise]);
    if (how === undefined) errors.write("ropewalk: the session has ended.\n");
  }
  connection.end();
  await connection.closed;
  return exitCodes.ok;
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
  else {
    const lines = [`${operands[0]} is proved.`, ...sessionLines(outcome.established, outcome.connectTook)];
    output.write(`${lines.join("\n")}\n`);
  }
}

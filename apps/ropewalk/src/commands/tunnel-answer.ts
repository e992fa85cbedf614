/** `ropewalk tunnel answer ADDRESS:PORT`: answers handshakes as a destination does, and says of each who came or why not. */
import { installSignals } from "@ropewalk/ops/signals";
import { TunnelListener } from "@ropewalk/tunnel/listener";
import type { RunCommand } from "../command-line/command.ts";
import { placeOf, startHandshakes, tunnelEnd } from "../compose/tunnel-ends.ts";
import { exitCodes } from "../exit-codes.ts";
import { refusalDocument, refusalLine, sessionDocument, sessionLines } from "../render/handshake-view.ts";

/** Of what this end computes for strangers, so much at once. */
const atOnce = 4;
/** Networks whose rate is remembered; each takes about 200 bytes. */
const prefixes = 16_384;

export const run: RunCommand = async (given, context) => {
  const { clock, output } = context;
  const place = placeOf(given.operands[0] ?? "");
  const end = tunnelEnd(given, context);
  const { config, mode } = end;
  const { within, unheard, begun, rate: perSecond, burst } = config.handshake;
  const isJson = given.flags.has("json");
  const write = (document: object, lines: readonly string[]) =>
    output.write(`${isJson ? JSON.stringify(document) : lines.join("\n")}\n`);
  const ended = Promise.withResolvers<void>();
  await using thread = await startHandshakes(end, "destination", context, ended.reject);
  using _signals = installSignals(context.signals, {
    stop: () => ended.resolve(),
    reload: () => {},
    exit: context.exit,
  });
  using listener = await TunnelListener.listen({
    ...{ ...place, thread, clock },
    task: () => ({ role: "destination", mode, allow: config.allow, authenticateWithin: within }),
    admission: { unheard, begun, atOnce, within, rate: { perSecond, burst, prefixes } },
    onEstablished: (established, _connection, remote) =>
      write({ remote, ...sessionDocument(established) }, [`${remote} is proved.`, ...sessionLines(established)]),
    onRefused: (refusal, remote) =>
      write({ remote, ...refusalDocument(refusal) }, [`${remote}: ${refusalLine(refusal)}.`]),
  });
  const { address, port } = listener.address;
  write({ listening: { address, port } }, [`Answering at ${address} port ${port}; Ctrl-C stops it.`]);
  await ended.promise;
  return exitCodes.ok;
};

/** `ropewalk tunnel answer ADDRESS:PORT`: answers handshakes as a destination does, and says of each who came or why not. */
import { installSignals } from "@ropewalk/ops/signals";
import { admissionOf } from "@ropewalk/tunnel/admission-config";
import type { HandshakeConnection } from "@ropewalk/tunnel/io/handshake-connection";
import type { Established } from "@ropewalk/tunnel/io/thread-messages";
import { TunnelListener } from "@ropewalk/tunnel/listener";
import type { RunCommand } from "../command-line/command.ts";
import { RefusalLines } from "../compose/refusal-lines.ts";
import { placeOf, startHandshakes, tunnelEnd } from "../compose/tunnel-ends.ts";
import { keepIdentity } from "../compose/tunnel-identity.ts";
import { exitCodes } from "../exit-codes.ts";
import { refusalDocument, refusalLine, sessionDocument, sessionLines } from "../render/handshake-view.ts";

export const run: RunCommand = async (given, context) => {
  const { clock, output } = context;
  const place = placeOf(given.operands[0] ?? "");
  const end = tunnelEnd(given, context);
  const { mode, config } = end;
  const { allow, handshake } = config;
  const isJson = given.flags.has("json");
  const write = (document: object, lines: readonly string[]) =>
    output.write(`${isJson ? JSON.stringify(document) : lines.join("\n")}\n`);
  const stopped = Promise.withResolvers<void>();
  await using thread = await startHandshakes(end, "destination", context, stopped.reject);
  using kept = keepIdentity(end, allow, "destination", thread, context);
  const stop = () => stopped.resolve();
  using _signals = installSignals(context.signals, { stop, reload: () => void kept.reload(), exit: context.exit });
  const open = new Set<HandshakeConnection>();
  const onEstablished = (established: Established, connection: HandshakeConnection, remote: string) => {
    write({ remote, ...sessionDocument(established) }, [`${remote} is proved.`, ...sessionLines(established)]);
    open.add(connection);
    kept.add(established, connection, remote);
    void connection.closed.then(() => open.delete(connection));
  };
  using lines = new RefusalLines({
    clock,
    tell: (refusal, remote) => write({ remote, ...refusalDocument(refusal) }, [`${remote}: ${refusalLine(refusal)}.`]),
    tellMore: (more) => write({ outcome: "refused", more }, [`more were refused: ${numbersText(more)}.`]),
  });
  using listener = await TunnelListener.listen({
    ...{ ...place, thread, clock, onEstablished },
    task: () => ({ role: "destination", mode, allow, authenticateWithin: handshake.within }),
    admission: admissionOf(handshake),
    onRefused: (refusal, remote) => lines.add(refusal, remote),
  });
  const { address, port } = listener.address;
  write({ listening: { address, port } }, [`Answering at ${address} port ${port}; Ctrl-C stops it.`]);
  await stopped.promise;
  for (const connection of open) connection.end();
  await Promise.all([...open].map(({ closed }) => closed));
  return exitCodes.ok;
};

function numbersText(numbers: Readonly<Record<string, number>>): string {
  return Object.entries(numbers)
    .map(([reason, number]) => `${number} ${reason}`)
    .join(", ");
}

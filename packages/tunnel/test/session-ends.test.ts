/** When one end of the tunnel ends its session, the other's applications hear of it then, and not when somebody gives up waiting. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { type BothEnds, openBothEnds } from "./both-ends.ts";

/** An open stream: the application's socket at the source, and the target's. */
async function opened(
  ends: BothEnds,
  targets: Socket[],
): Promise<{ readonly client: Socket; readonly target: Socket }> {
  const client = connect({ host: "127.0.0.1", port: ends.port, noDelay: true, allowHalfOpen: true });
  client.on("error", () => {});
  client.write("hello");
  const [echo] = (await once(client, "data")) as [Buffer];
  assert.equal(String(echo), "hello");
  const target = targets.at(-1);
  assert.ok(target !== undefined);
  return { client, target };
}

async function withStream() {
  const targets: Socket[] = [];
  const onTarget = (socket: Socket) => {
    socket.on("error", () => {});
    targets.push(socket);
    socket.on("data", (octets) => socket.write(octets));
  };
  const ends = await openBothEnds({ onTarget });
  return { ends, ...(await opened(ends, targets)) };
}

test("the applications of a source hear at once that its destination has stopped", { timeout: 20_000 }, async () => {
  const { ends, client } = await withStream();
  await using _ = ends;
  const cut = assert.rejects(once(client, "close"), { code: "ECONNRESET" });
  await ends.destination[Symbol.asyncDispose]();
  await cut;
  assert.ok(ends.events.source.some((event) => event.kind === "session-ended" && event.why === "left"));
});

test("the targets of a destination hear at once that the source has stopped", { timeout: 20_000 }, async () => {
  const { ends, client, target } = await withStream();
  await using _ = ends;
  const cut = assert.rejects(once(target, "close"), { code: "ECONNRESET" });
  await ends.source[Symbol.asyncDispose]();
  await cut;
  assert.deepEqual(ends.destination.status().sessions, []);
  client.destroy();
});

test("while a destination stops, streams go on, and new connections wait instead of being refused", {
  timeout: 20_000,
}, async () => {
  const { ends, client, target } = await withStream();
  await using _ = ends;
  const draining = ends.destination.drain(millis(10_000));
  client.write("still");
  assert.equal(String(((await once(client, "data")) as [Buffer])[0]), "still");
  const late = connect({ host: "127.0.0.1", port: ends.port });
  const fate = once(late, "close");
  late.on("error", () => {});
  await once(late, "connect");
  client.end();
  target.end();
  assert.equal(await draining, "empty");
  assert.equal(late.closed, false);
  late.destroy();
  await fate;
});

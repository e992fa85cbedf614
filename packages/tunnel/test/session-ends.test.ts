/** When one end of the tunnel ends its session, the other's applications hear of it then, and not when somebody gives up waiting. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { millis } from "@ropewalk/kernel/units";
import { type BothEnds, openBothEnds, type Wishes } from "./both-ends.ts";

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

async function withStream(wishes: Partial<Wishes> = {}) {
  const targets: Socket[] = [];
  const onTarget = (socket: Socket) => {
    socket.on("error", () => {});
    targets.push(socket);
    socket.on("data", (octets) => socket.write(octets));
  };
  const ends = await openBothEnds({ onTarget, ...wishes });
  return { ends, targets, ...(await opened(ends, targets)) };
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

async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!isSo()) {
    assert.ok(performance.now() < deadline, `in time: ${what}`);
    await setImmediate();
  }
}

/** The first destination, and the source has heard of it. */
async function stopping(ends: BothEnds, ms = 10_000): Promise<{ readonly end: Promise<"empty" | "cut"> }> {
  const end = ends.destination.drain(millis(ms));
  await until("the source is told", () => ends.events.source.some(({ kind }) => kind === "destination-stopping"));
  return { end };
}

async function echo(client: Socket, text: string): Promise<void> {
  client.write(text);
  assert.equal(String(((await once(client, "data")) as [Buffer])[0]), text);
}

test("while a destination stops, new connections go by another, and the streams that there are finish where they are", {
  timeout: 20_000,
}, async () => {
  const { ends, client, target, targets } = await withStream({ hasSpare: true });
  await using _ = ends;
  const draining = await stopping(ends);
  const late = await opened(ends, targets);
  // Said once more, by a destination that is left already.
  void ends.destination.drain(millis(10_000));
  await echo(client, "still");
  assert.deepEqual([ends.spare?.streams().length, ends.destination.streams().length], [1, 1]);
  assert.deepEqual([ends.source.status().sessions.length, ends.source.streams().length], [2, 2]);
  client.end();
  target.end();
  assert.equal(await draining.end, "empty");
  await ends.destination[Symbol.asyncDispose]();
  await until("the session that was left is over", () => ends.source.status().sessions.length === 1);
  assert.equal(ends.source.status().reach.kind, "up");
  await echo(late.client, "goes on");
  const kinds = ends.events.source.map(({ kind }) => kind).filter((kind) => !kind.startsWith("dial"));
  assert.deepEqual(kinds, ["started", "destination-stopping", "failed-over", "started", "session-ended"]);
  late.client.destroy();
});

test("a destination that stops for good cuts the streams that it has, and no others", { timeout: 20_000 }, async () => {
  const { ends, client, targets } = await withStream({ hasSpare: true });
  await using _ = ends;
  const draining = await stopping(ends, 50);
  const late = await opened(ends, targets);
  const cut = assert.rejects(once(client, "close"), { code: "ECONNRESET" });
  assert.equal(await draining.end, "cut");
  await ends.destination[Symbol.asyncDispose]();
  await cut;
  await echo(late.client, "goes on");
  assert.deepEqual(
    ends.source.status().sessions.map(({ state, streams }) => [state.kind, streams.open]),
    [["up", 1]],
  );
  late.client.destroy();
});

test("the streams of a session that was left are over with its lane: no other is sought for them", {
  timeout: 20_000,
}, async (t) => {
  const sockets: Socket[] = [];
  const relay = createServer();
  t.after(() => relay.close());
  const through = async (port: number) => {
    relay.on("connection", (near) => {
      const far = connect(port, "127.0.0.1");
      sockets.push(near, far);
      for (const each of [near, far]) each.on("error", () => {});
      near.pipe(far).pipe(near);
    });
    relay.listen(0, "127.0.0.1");
    await once(relay, "listening");
    return (relay.address() as AddressInfo).port;
  };
  const { ends, client, targets } = await withStream({ hasSpare: true, through });
  await using _ = ends;
  const draining = await stopping(ends, 10);
  const late = await opened(ends, targets);
  const cut = assert.rejects(once(client, "close"), { code: "ECONNRESET" });
  for (const socket of sockets) socket.resetAndDestroy();
  await cut;
  assert.deepEqual([ends.source.status().reach.kind, ends.source.status().sessions.length], ["up", 1]);
  const ended = ends.events.source.find(({ kind }) => kind === "session-ended");
  assert.match(ended?.kind === "session-ended" ? ended.detail : "", /lane was lost/);
  await echo(late.client, "goes on");
  late.client.destroy();
  await draining.end;
});

test("a source that is stopped ends the sessions that it has left as well", { timeout: 20_000 }, async () => {
  const { ends, client, targets } = await withStream({ hasSpare: true });
  await using _ = ends;
  const draining = await stopping(ends);
  const late = await opened(ends, targets);
  const cuts = [client, late.client].map((each) => assert.rejects(once(each, "close"), { code: "ECONNRESET" }));
  assert.equal(await ends.source.drain(millis(20)), "cut");
  await ends.source[Symbol.asyncDispose]();
  await Promise.all(cuts);
  assert.equal(await draining.end, "empty");
});

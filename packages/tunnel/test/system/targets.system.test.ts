/** Targets that refuse, hang, reset, or speak first: each is told to its own client alone, as TCP would, and disturbs no other stream. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { LoadProcesses } from "../faults/load-processes.ts";
import { ScriptedEnd } from "../faults/scripted-end.ts";
import { TunnelPair } from "../faults/tunnel-pair.ts";

const stack = new AsyncDisposableStack();
let load: LoadProcesses;
let pair: TunnelPair;
let client: ScriptedEnd;

/** A target in this process, on a port of its own. */
async function targetThat(serve: (socket: Socket) => void): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket.on("error", () => {}));
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stack.defer(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** A port that connects nobody: its queue is full, and nobody accepts. */
async function deafPort(): Promise<number> {
  const deaf = stack.use(new ScriptedEnd());
  const port = await deaf.listen();
  const fillers = Array.from({ length: 24 }, () => connect({ host: "127.0.0.1", port }).on("error", () => {}));
  stack.defer(() => {
    for (const filler of fillers) filler.destroy();
  });
  // The queue holds seventeen.
  await Promise.all(fillers.slice(0, 17).map((filler) => filler.connecting && once(filler, "connect")));
  return port;
}

before(async () => {
  load = stack.use(await LoadProcesses.start(1));
  client = stack.use(new ScriptedEnd());
  const targets = {
    load: load.port,
    // Nobody takes it by chance, as one that was free a moment ago may be taken.
    nobody: 1,
    deaf: await deafPort(),
    resetting: await targetThat((socket) => socket.resetAndDestroy()),
    greeting: await targetThat((socket) => socket.write("220 ready\r\n")),
    leaving: await targetThat((socket) => socket.end("bye")),
  };
  pair = stack.use(await TunnelPair.start({ targets }));
  await load.pulse(pair.port("load"));
});
after(() => stack.disposeAsync());

/** What the client sees of a connection on which it says nothing, or this. */
async function seenOf(name: string, says = 0): Promise<string> {
  assert.equal(await client.tell(`connect 127.0.0.1 ${pair.port(name)}`), "connected");
  if (says > 0) await client.tell(`send ${says}`);
  const seen = await client.tell("receive 1000000");
  await client.tell("close");
  return seen;
}

test("a target that refuses is a reset to its client, whether or not that has spoken", async () => {
  assert.equal(await seenOf("nobody"), "received 0 by ECONNRESET", pair.logs);
  assert.equal(await seenOf("nobody", 100_000), "received 0 by ECONNRESET");
});

test("a target that does not answer is a reset to its client once its time is up, and holds up nobody else", async () => {
  await load.beats();
  assert.equal(await seenOf("deaf", 10_000), "received 0 by ECONNRESET", pair.logs);
  const beats = await load.beats();
  // It would be two seconds if they waited for it.
  assert.ok(beats.length > 20 && Math.max(...beats) < 1_500, `${beats.length} beats, ${Math.max(...beats)} ms`);
});

test("a target that resets at once is a reset to its client", async () => {
  assert.equal(await seenOf("resetting"), "received 0 by ECONNRESET", pair.logs);
});

test("a target that speaks before it is asked is heard by a client that says nothing", async () => {
  assert.equal(await client.tell(`connect 127.0.0.1 ${pair.port("greeting")}`), "connected");
  // The octets are not those that this end counts up: that they came is what matters.
  assert.match(await client.tell("receive 11"), /^received a wrong octet at 0$/);
  await client.tell("close");
  const socket = connect({ host: "127.0.0.1", port: pair.port("leaving"), allowHalfOpen: true });
  const said: Buffer[] = [];
  socket.on("data", (octets: Buffer) => said.push(octets));
  await once(socket, "end");
  assert.equal(Buffer.concat(said).toString(), "bye");
  socket.destroy();
});

test("after all of that the other streams are as they were", async () => {
  load.begin({ port: pair.port("load"), streams: 10 });
  assert.deepEqual((await load.finish(30_000)).faults, [], pair.logs);
});

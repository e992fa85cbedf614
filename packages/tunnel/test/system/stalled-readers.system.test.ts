/** Readers that stand still, a thousand of them: each hurts itself alone, and all together hold no more than one session may. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { compiled } from "../faults/compiled.ts";
import { monotonic } from "../faults/fault.ts";
import { LoadProcesses } from "../faults/load-processes.ts";
import { TunnelPair } from "../faults/tunnel-pair.ts";

const readers = 1_000;
const sessionBytes = 32 << 20;
const floodBytes = 1 << 20;
/** V8 looks for garbage outside its heap when about 64 MiB more of it are there; 15 MB are a thousand streams. */
const uncollected = (64 << 20) + 15e6;

const stack = new AsyncDisposableStack();
let load: LoadProcesses;
let pair: TunnelPair;
/** The target's connections; each sends as much as it may. */
const flooding = new Set<Socket>();

before(async () => {
  load = stack.use(await LoadProcesses.start(2));
  const server = createServer((socket) => {
    flooding.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => flooding.delete(socket));
    for (let count = 0; count < 16; count += 1) socket.write(piece);
  });
  server.listen({ host: "127.0.0.1", port: 0, backlog: 2048 });
  await once(server, "listening");
  stack.defer(() => void server.close());
  const flood = (server.address() as AddressInfo).port;
  const tunnel = { session_credit_bytes: String(sessionBytes), max_streams: "1024" };
  pair = stack.use(await TunnelPair.start({ targets: { load: load.port, flood }, tunnel }));
});
after(() => stack.disposeAsync());

const piece = Buffer.alloc(floodBytes / 16, 7);

/** Until nothing changes any more. */
async function settled(look: () => number, tolerance: number): Promise<number> {
  let before = Number.NaN;
  for (let quiet = 0; quiet < 10; ) {
    const now = look();
    quiet = Math.abs(now - before) <= tolerance ? quiet + 1 : 0;
    before = now;
    await delay(100);
  }
  return before;
}

test("a thousand readers that stand still hold no more than their session may, and the others go on", async (t) => {
  const ends = [pair.source, pair.destination] as const;
  // Not that of a process that has done nothing yet.
  load.begin({ port: pair.port("load"), streams: 10 });
  assert.deepEqual((await load.finish(60_000)).faults, [], pair.logs);
  const idle = ends.map(({ residentBytes }) => residentBytes);
  const came = await pair.source.received();
  const words = [String(pair.port("flood")), String(readers)];
  const holding = spawn(compiled("stalled-readers"), words, { stdio: ["pipe", "ignore", "inherit"] });
  stack.defer(() => void holding.kill("SIGKILL"));
  await pair.destination.until("all are connected to their target", () => flooding.size === readers);
  for (const end of ends) await settled(() => end.residentBytes, 1 << 20);
  const taken = (await pair.source.received()) - came;
  t.diagnostic(`${(taken / 2 ** 20).toFixed(1)} of ${(readers * floodBytes) / 2 ** 20} MiB came to the source`);
  assert.ok(taken > 0 && taken < (readers * floodBytes) / 2, "they do not stand still");
  await load.pulse(pair.port("load"));
  for (let beats = 0; beats < 200; beats += 1) await load.beat(monotonic(), 0);
  for (const [index, end] of ends.entries()) {
    const grown = end.residentBytes - (idle[index] ?? 0);
    t.diagnostic(`${index === 0 ? "source" : "destination"}: ${(grown / 2 ** 20).toFixed(1)} MiB more`);
    // Without a bound it would be a thousand MiB. What V8 has not collected yet counts here too, and what streams cost by themselves.
    assert.ok(grown <= sessionBytes * 1.1 + uncollected, `${grown} octets more than before`);
  }
  holding.stdin.end();
  await pair.destination.until("all have left their target", () => flooding.size === 0);
});

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { openBothEnds } from "./both-ends.ts";

test("what is written at the source comes back from an echo at the target", { timeout: 20_000 }, async () => {
  await using ends = await openBothEnds({ onTarget: (socket) => void socket.pipe(socket) });
  const client = connect({ host: "127.0.0.1", port: ends.port, noDelay: true, allowHalfOpen: true });
  const sent = randomBytes(3_000_000);
  client.end(sent);
  const got: Buffer[] = [];
  client.on("data", (octets: Buffer) => got.push(octets));
  await once(client, "end");
  assert.ok(Buffer.concat(got).equals(sent));
});

test("refreshes move streams, and nothing of them is lost", { timeout: 30_000 }, async () => {
  await using ends = await openBothEnds({
    onTarget: (socket) => void socket.pipe(socket),
    common: { handshake: { rate: 1000, burst: 1000 } },
  });
  const client = connect({ host: "127.0.0.1", port: ends.port, noDelay: true, allowHalfOpen: true });
  const sent = randomBytes(300_000_000);
  client.end(sent);
  const got: Buffer[] = [];
  client.on("data", (octets: Buffer) => got.push(octets));
  const timer = setInterval(() => ends.source.refresh(), 50);
  const t0 = Date.now();
  await once(client, "end");
  console.log(Date.now() - t0);
  clearInterval(timer);
  assert.ok(Buffer.concat(got).equals(sent));
  console.log(ends.events.source.map((e) => e.kind).join(" "));
  console.log(ends.events.destination.map((e) => e.kind).join(" "));
});

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
  const sent = randomBytes(40_000_000);
  client.end(sent);
  const got: Buffer[] = [];
  client.on("data", (octets: Buffer) => got.push(octets));
  const timer = setInterval(() => ends.source.refresh(), 100);
  await once(client, "end");
  clearInterval(timer);
  assert.ok(Buffer.concat(got).equals(sent));
  assert.ok(ends.events.source.some(({ kind }) => kind === "refreshed"));
});

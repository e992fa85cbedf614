/** The express lane between two whole ends: what is carried is the same with it, without it, and while it comes and goes. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { millis } from "@ropewalk/kernel/units";
import { type BothEnds, openBothEnds } from "./both-ends.ts";

const express = (end: BothEnds["source" | "destination"]) => end.status().sessions[0]?.express ?? undefined;

async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!isSo()) {
    assert.ok(performance.now() < deadline, `in time: ${what}`);
    await setImmediate();
  }
}

/** `messages` of a few octets through an echo, each sent when the one before it has come back. */
async function exchange(port: number, messages: number): Promise<void> {
  const client = connect({ host: "127.0.0.1", port, noDelay: true });
  for (let count = 0; count < messages; count += 1) {
    const sent = randomBytes(1 + (count % 64));
    client.write(sent);
    let got = Buffer.alloc(0);
    while (got.length < sent.length) got = Buffer.concat([got, (await once(client, "data"))[0] as Buffer]);
    assert.ok(got.equals(sent), `message ${count}`);
  }
  client.end();
  await once(client, "close");
}

/** Through an echo and back. */
async function bulk(port: number, length: number): Promise<void> {
  const client = connect({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true });
  const sent = randomBytes(length);
  client.end(sent);
  const got: Buffer[] = [];
  client.on("data", (octets: Buffer) => got.push(octets));
  await once(client, "end");
  assert.ok(Buffer.concat(got).equals(sent));
}

const wishes = {
  onTarget: (socket: Socket) => void socket.pipe(socket),
  common: { handshake: { rate: 1000, burst: 1000 } },
};

test("where the round trip is short a session has no express lane", { timeout: 30_000 }, async () => {
  await using ends = await openBothEnds(wishes);
  await exchange(ends.port, 3);
  assert.deepEqual([express(ends.source), express(ends.destination)], [undefined, undefined]);
});

test("beside bulk what is small goes by the express lane too, and comes once", { timeout: 30_000 }, async () => {
  await using ends = await openBothEnds({ ...wishes, expressFrom: millis(0) });
  await until("both ends have it", () => [ends.source, ends.destination].every((end) => express(end) !== undefined));
  const before = express(ends.source)?.records.sent ?? 0;
  await Promise.all([bulk(ends.port, 20_000_000), exchange(ends.port, 200)]);
  assert.ok((express(ends.source)?.records.sent ?? 0) > before, "nothing went by the express lane");
  assert.ok((express(ends.destination)?.records.sent ?? 0) > 0, "nothing came by the express lane");
  for (const [end, other] of [
    [ends.source, ends.destination],
    [ends.destination, ends.source],
  ] as const) {
    const { first, late, early } = end.counts.copies;
    assert.deepEqual(end.status().sessions[0]?.copies, end.counts.copies);
    const { sent } = other.counts.copies;
    assert.ok(first + late > 0 && first + late + early <= sent, `${first}, ${late} and ${early} came of ${sent}`);
  }
});

test("it comes and goes with its epoch, at any moment, and nobody notices", { timeout: 60_000 }, async () => {
  await using ends = await openBothEnds({ ...wishes, expressFrom: millis(0) });
  await until("both ends have it", () => [ends.source, ends.destination].every((end) => express(end) !== undefined));
  const carried = Promise.all([bulk(ends.port, 20_000_000), bulk(ends.port, 5_000_000), exchange(ends.port, 300)]);
  const timer = setInterval(() => ends.source.refresh(), 60);
  await carried.finally(() => clearInterval(timer));
  assert.ok(ends.events.source.some(({ kind }) => kind === "refreshed"));
  await until("both ends have one again", () =>
    [ends.source, ends.destination].every((end) => express(end) !== undefined),
  );
});

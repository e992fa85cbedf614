import assert from "node:assert/strict";
import { test } from "node:test";
import type { FetchAnswer } from "@ropewalk/api/asking";
import { problemDocument } from "@ropewalk/api/problem";
import { tunnelRoutes } from "@ropewalk/api/tunnel";
import { createTunnelClient } from "@ropewalk/api/tunnel-client";
import { destinationStatus, sourceStatus, stream, tunnelEvents } from "./tunnel-sample.ts";

const signal = new AbortController().signal;

async function* octets(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

function clientOf(text: string, status = 200) {
  const asked: string[] = [];
  const client = createTunnelClient(async (url, { method }): Promise<FetchAnswer> => {
    asked.push(`${method} ${url}`);
    return { status, body: octets(text) };
  }, "http://end");
  return { client, asked };
}

test("the status of either end arrives whole, and so do the streams", async () => {
  for (const status of [sourceStatus, destinationStatus]) {
    const { client, asked } = clientOf(JSON.stringify(status));
    assert.deepEqual(await client.status(signal), status);
    assert.deepEqual(asked, [`GET http://end${tunnelRoutes.status}`]);
  }
  const streams = { schema: 1, at: sourceStatus.at, streams: [stream] } as const;
  assert.deepEqual(await clientOf(JSON.stringify(streams)).client.streams(signal), streams);
});

test("a status with a state of a lane that nobody knows, or of another schema, is refused by its place", async () => {
  const reach = { kind: "dreaming" };
  await assert.rejects(
    clientOf(JSON.stringify({ ...sourceStatus, end: { ...sourceStatus.end, reach } })).client.status(signal),
    {
      code: "API_UNREADABLE",
      message: /end\.reach\.kind/,
    },
  );
  await assert.rejects(clientOf(JSON.stringify({ ...sourceStatus, schema: 2 })).client.status(signal), /\(schema: /);
});

test("every kind of event arrives whole and in order, with its id", async () => {
  const text = tunnelEvents.map(
    (event, index) => `id: a-${index}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`,
  );
  const received = await Array.fromAsync(clientOf(text.join("")).client.events(signal));
  assert.deepEqual(
    received,
    tunnelEvents.map((event, index) => ({ id: `a-${index}`, event })),
  );
});

test("a drain and a refresh are asked for by POST, and a refusal is told with its reason", async () => {
  const { client, asked } = clientOf(JSON.stringify({ streams: 3, withinMs: 30_000 }));
  assert.deepEqual(await client.drain(signal), { streams: 3, withinMs: 30_000 });
  assert.deepEqual(asked, [`POST http://end${tunnelRoutes.drain}`]);
  const refused = clientOf(JSON.stringify(problemDocument("refused", "only a source refreshes")), 409);
  await assert.rejects(refused.client.refresh(signal), { code: "API_REFUSED", message: "only a source refreshes" });
  assert.deepEqual(refused.asked, [`POST http://end${tunnelRoutes.refresh}`]);
});

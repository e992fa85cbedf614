import assert from "node:assert/strict";
import { test } from "node:test";
import type { FetchAnswer, FetchInit } from "@ropewalk/api/asking";
import { createNodeClient } from "@ropewalk/api/client";
import { problemDocument } from "@ropewalk/api/problem";
import { explanation, status, wan0 } from "./sample.ts";

const signal = new AbortController().signal;
const octets = (text: string) => new TextEncoder().encode(text);

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield octets(text);
}

/** A client whose node gives this one answer, and the requests that it made. */
function clientOf(answer: FetchAnswer) {
  const asked: { url: string; init: FetchInit }[] = [];
  const client = createNodeClient(async (url, init) => {
    asked.push({ url, init });
    return answer;
  }, "http://node");
  return { client, asked };
}

const json = (document: unknown, code = 200): FetchAnswer => ({ status: code, body: chunks(JSON.stringify(document)) });

test("a status that keeps the contract arrives whole", async () => {
  const { client, asked } = clientOf(json(status));
  assert.deepEqual(await client.status(signal), status);
  assert.equal(asked[0]?.url, "http://node/v1/status");
});

test("a field of a newer node is dropped, a missing one is refused by its name", async () => {
  assert.deepEqual(await clientOf(json({ ...status, later: 1 })).client.status(signal), status);
  const { pid: _, ...without } = status;
  await assert.rejects(clientOf(json(without)).client.status(signal), { code: "API_UNREADABLE", message: /\(pid: / });
});

test("a status of another schema is refused: a node that measured nothing is not taken for one whose uplinks are unknown", async () => {
  for (const schema of [1, 3])
    await assert.rejects(clientOf(json({ ...status, schema })).client.status(signal), { code: "API_UNREADABLE" });
});

test("a state or a reason that is not in the contract is refused by its place", async () => {
  const withUplink = (uplink: object) => json({ ...status, backhaul: { ...status.backhaul, uplinks: [uplink] } });
  await assert.rejects(clientOf(withUplink({ ...wan0, state: "great" })).client.status(signal), {
    message: /backhaul\.uplinks\.0\.state/,
  });
  const reason = { code: "no-gateway", text: "of schema 1" };
  await assert.rejects(clientOf(withUplink({ ...wan0, reason })).client.status(signal), {
    message: /backhaul\.uplinks\.0\.reason\.code/,
  });
});

test("an explanation that keeps the contract arrives whole", async () => {
  const { client, asked } = clientOf(json(explanation));
  assert.deepEqual(await client.explanation(signal), explanation);
  assert.equal(asked[0]?.url, "http://node/v1/explanation");
  await assert.rejects(clientOf(json({ ...explanation, schema: 2 })).client.explanation(signal), {
    code: "API_UNREADABLE",
  });
});

test("a problem document is handed on as it is", async () => {
  const problem = problemDocument("config-invalid", "two faults", [{ path: "node.http", value: '"x"', reason: "no" }]);
  const error = await clientOf(json(problem, 409))
    .client.reloadConfig(signal)
    .then(
      () => undefined,
      (each) => each,
    );
  assert.equal(error.code, "API_REFUSED");
  assert.deepEqual(error.problem, problem);
});

test("a failure that says nothing known is no answer of a node", async () => {
  const answer = { status: 502, body: chunks("<html>") };
  await assert.rejects(clientOf(answer).client.status(signal), { code: "API_UNREADABLE", message: /status 502/ });
});

test("an answer without end is cut off", async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield new Uint8Array(1024 * 1024);
  }
  await assert.rejects(clientOf({ status: 200, body: endless() }).client.status(signal), { code: "API_TOO_LARGE" });
});

test("an uplink's id is percent-encoded in the path", async () => {
  const { client, asked } = clientOf(json(wan0));
  await client.uplink("pci-0000:00:03.0/net", signal);
  assert.equal(asked[0]?.url, "http://node/v1/uplinks/pci-0000%3A00%3A03.0%2Fnet");
});

test("events come with their ids, and a reader that comes back names the last one", async () => {
  const removed = {
    kind: "uplink-removed",
    at: status.at,
    seenAtMonotonicMs: 5,
    uplinkId: "a",
    name: "wan0",
    reason: "gone",
  };
  const frame = `id: e-1\nevent: uplink-removed\ndata: ${JSON.stringify(removed)}\n\n`;
  const { client, asked } = clientOf({ status: 200, body: chunks(":\n\n", frame.slice(0, 20), frame.slice(20)) });
  const received = await Array.fromAsync(client.events(signal, "e-0"));
  assert.deepEqual(received, [{ id: "e-1", event: removed }]);
  assert.equal(asked[0]?.init.headers["last-event-id"], "e-0");
});

test("an event that breaks the contract ends the reading", async () => {
  const { client } = clientOf({ status: 200, body: chunks('data: {"kind":"unheard-of"}\n\n') });
  await assert.rejects(Array.fromAsync(client.events(signal)), { code: "API_UNREADABLE" });
});

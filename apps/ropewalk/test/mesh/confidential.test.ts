/** Messages over the server of the API: who may not change things gets neither an inbox nor the stream of what comes. */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { after, before, test } from "node:test";
import { createAsker, type FetchLike } from "@ropewalk/api/asking";
import { isOfMessages, type MessageEventDocument, messageRoutes } from "@ropewalk/api/messages";
import { createMessagesClient, type MessagesClient } from "@ropewalk/api/messages-client";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { Listeners } from "@ropewalk/kernel/listeners";
import type { MessageEvent } from "@ropewalk/mesh/pure/messages/message-terms";
import { createMessageEvents } from "../../src/compose/mesh/message-events.ts";
import { createApiHandler, type LocalApi } from "../../src/local-api/handler.ts";
import { messagesChange, messagesRead } from "../../src/local-api/messages-api.ts";
import { fakeMessages, someone } from "./fake-messages.ts";

const told = new Listeners<[MessageEvent]>();
const messages = { ...fakeMessages(), subscribe: (listener: (event: MessageEvent) => void) => told.add(listener) };
const stream = createMessageEvents(messages, { clock: new FakeClock(), epoch: "run1" });
const right = { isGiven: false };
const defects: unknown[] = [];
let server: Server;
let client: MessagesClient;
let baseUrl: string;

before(async () => {
  const api: LocalApi = {
    read: () => undefined,
    ...{ eventsPath: "/v1/events", stream: { open: () => false, readers: 0 }, paths: [], operations: () => false },
    changes: {
      isChange: (path, method) => isOfMessages(path) && method === "POST",
      at: (path) => (body) =>
        messagesChange(path, { messages, keyOf: () => undefined, sendStatus: () => assert.fail() }, body),
      ...{ names: [], commands: "" },
    },
    confidential: {
      holds: isOfMessages,
      read: (path, query) => messagesRead(path, query, messages),
      ...{ eventsPath: messageRoutes.events, stream },
    },
    onDefect: (error) => void defects.push(error),
  };
  const handler = createApiHandler(api, () => right.isGiven);
  server = createServer((request, response) => handler(request, response, { asStream: () => {} }));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  baseUrl = `http://127.0.0.1:${address.port}`;
  client = createMessagesClient(createAsker(fetch as unknown as FetchLike, baseUrl));
});
after(() => {
  stream[Symbol.dispose]();
  server.closeAllConnections();
  server.close();
});

const soon = () => AbortSignal.timeout(30_000);
const everything = { after: 0, most: 10, port: undefined };

test("without the right every path of messages is refused, the stream as well", async () => {
  right.isGiven = false;
  const order = {
    to: someone,
    port: 0,
    priority: "normal",
    lifeMs: null,
    content: { kind: "text", text: "x" },
  } as const;
  const outcomes = await Promise.allSettled([
    client.inbox(everything, soon()),
    client.outbox(soon()),
    client.contacts(soon()),
    client.store(soon()),
    client.send(order, soon()),
    client.take([4], soon()),
    client.events(soon()).next(),
  ]);
  for (const outcome of outcomes)
    assert.equal(outcome.status === "rejected" && outcome.reason.problem.code, "forbidden");
  assert.deepEqual(messages.sent, []);
});

test("with it the inbox is read, a message is sent, and what is no path is not found", async () => {
  right.isGiven = true;
  const { messages: read } = await client.inbox(everything, soon());
  assert.deepEqual(read[0]?.content, { kind: "text", text: "hello" });
  const content = { kind: "text", text: "ö".repeat(200_000) } as const;
  const order = { to: "anna", port: 0, priority: "normal", lifeMs: null, content } as const;
  assert.equal((await client.send(order, soon())).kind, "accepted");
  assert.equal(messages.sent.at(-1)?.content.length, 400_000);
  const statuses = [`${baseUrl}/v1/mesh/messages/other`, baseUrl + messageRoutes.send].map(
    async (url) => (await fetch(url)).status,
  );
  assert.deepEqual(await Promise.all(statuses), [404, 404]);
  assert.deepEqual(defects, []);
});

test("the stream begins with a snapshot, and who comes back gets what he missed", async () => {
  right.isGiven = true;
  const stop = new AbortController();
  const reading = client.events(stop.signal);
  const first = await next(reading);
  assert.equal(first.event.kind, "snapshot");
  told.emit({ kind: "received", number: 5, sender: someone, port: 7 });
  const second = await next(reading);
  assert.deepEqual({ ...second.event, at: "" }, { at: "", kind: "received", number: 5, sender: someone, port: 7 });
  stop.abort();
  told.emit({ kind: "delivered", id: "00000000000000aa" });
  const again = await next(client.events(soon(), second.id));
  assert.deepEqual({ ...again.event, at: "" }, { at: "", kind: "delivered", id: "00000000000000aa" });
});

async function next(reading: ReturnType<MessagesClient["events"]>) {
  const { value, done } = await reading.next();
  assert.notEqual(done, true);
  return value as { readonly id: string; readonly event: MessageEventDocument };
}

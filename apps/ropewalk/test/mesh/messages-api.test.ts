/** What a node answers of its messages, to whom, and what people are shown of it. */
import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";
import { messageRoutes } from "@ropewalk/api/messages";
import {
  contactsSchema,
  inboxSchema,
  messageStoreSchema,
  outboxSchema,
  sendAnswerSchema,
  takenSchema,
} from "@ropewalk/api/messages-schema";
import type { StatusOrder, StatusOutcome } from "@ropewalk/mesh/status-sending";
import type { Answer } from "../../src/local-api/answer.ts";
import { changeAnswer, type MayChange } from "../../src/local-api/changes.ts";
import { keptFrom } from "../../src/local-api/confidential.ts";
import { contactNameFault } from "../../src/local-api/contact-names.ts";
import { contentDocument } from "../../src/local-api/message-documents.ts";
import { type MessagesHolder, messagesChange, messagesRead } from "../../src/local-api/messages-api.ts";
import { nodeChanges } from "../../src/local-api/node-changes.ts";
import { RequestBodies } from "../../src/local-api/request-body.ts";
import { contactTable, inboxLines, outboxTable, sendRefusalText, storeLines } from "../../src/render/message-view.ts";
import { createPaint } from "../../src/render/paint.ts";
import { fakeMessages, own, someKey, someone } from "./fake-messages.ts";

const view = { paint: createPaint(false), columns: undefined };
const octets = (text: string) => new TextEncoder().encode(text);

async function post(path: string, document: unknown, holder: MessagesHolder = holding()): Promise<Answer> {
  return await messagesChange(path, holder, () => Promise.resolve(octets(JSON.stringify(document))));
}

function holding(messages = fakeMessages(), key: Uint8Array | undefined = undefined): MessagesHolder {
  return { messages, keyOf: () => key, sendStatus: () => assert.fail() };
}

async function read(path: string, query = "", messages = fakeMessages()): Promise<object> {
  const answer = await messagesRead(path, new URLSearchParams(query), messages);
  assert.equal(answer?.status, 200, JSON.stringify(answer));
  return answer.document;
}

test("what is sent goes to the mesh as it was asked for, and its life is never longer than the node lets it be", async () => {
  const messages = fakeMessages();
  const order = { to: "anna", port: 7, priority: "high", lifeMs: 1e12, content: { kind: "base64", base64: "AAEC" } };
  const answer = await post(messageRoutes.send, order, holding(messages));
  const accepted = { kind: "accepted", id: "00000000000000aa", to: someone, lifeMs: 604_800_000 };
  assert.deepEqual(sendAnswerSchema.parse(answer.document), accepted);
  const content = Uint8Array.of(0, 1, 2);
  assert.deepEqual(messages.sent, [{ to: someone, port: 7, priority: 2, life: 604_800_000, content }]);
  await post(messageRoutes.send, { to: someone, content: { kind: "text", text: "hä" } }, holding(messages));
  const usual = { to: someone, port: 0, priority: 1, life: 604_800_000, content: octets("hä") };
  assert.deepEqual(messages.sent.at(-1), usual);
});

test("an entry's key and whom to hand it to make a status record; what is no key is refused, and so is nobody", async () => {
  const asked: StatusOrder[] = [];
  const keys = { good: "09".repeat(32), poor: "00".repeat(32) };
  const sendStatus = async (order: StatusOrder): Promise<StatusOutcome> => {
    asked.push(order);
    const isPoor = order.entry[0] === 0;
    return isPoor ? { kind: "refused", why: { kind: "entry-key" } } : { kind: "accepted", id: "00000000000000aa" };
  };
  const holder = { ...holding(), sendStatus };
  const answer = await post(messageRoutes.sendStatus, { to: "anna", entryKey: keys.good, lifeMs: 60_000 }, holder);
  const accepted = { kind: "accepted", id: "00000000000000aa", to: someone, lifeMs: 60_000 };
  assert.deepEqual(sendAnswerSchema.parse(answer.document), accepted);
  const [order] = asked;
  assert.deepEqual(order && { ...order, version: "" }, {
    ...{ to: someone, entry: Uint8Array.fromHex(keys.good), version: "", priority: 1, life: 60_000 },
  });
  const statusOf = async (document: object) => (await post(messageRoutes.sendStatus, document, holder)).status;
  assert.equal(await statusOf({ to: someone, entryKey: keys.poor }), 400);
  assert.equal(await statusOf({ to: someone, entryKey: "09" }), 400);
  assert.equal(await statusOf({ to: "bert", entryKey: keys.good }), 404);
  assert.equal(await statusOf({ to: someone }), 400);
});

test("what is refused says which figure was beyond which limit", async () => {
  const why = { kind: "too-long", octets: 300_000, limit: 262_144 } as const;
  const content = { kind: "text", text: "x" };
  const answer = await post(messageRoutes.send, { to: someone, content }, holding(fakeMessages(why)));
  const refused = sendAnswerSchema.parse(answer.document);
  assert.deepEqual(refused, { kind: "refused", why: "too-long", figure: 300_000, limit: 262_144 });
  assert.match(refused.kind === "refused" ? sendRefusalText(refused) : "", /has 300 kB, and may have 262 kB at most/);
});

test("a document that is none, base64 that is none, and whom nobody knows are refused before anything is sent", async () => {
  const messages = fakeMessages();
  const content = { kind: "text", text: "x" };
  const wrong = [
    [400, { to: someone, port: 65_536, content }],
    [400, { to: someone, content: { kind: "base64", base64: "?" } }],
    [400, "text"],
    [404, { to: "bert", content }],
  ] as const;
  for (const [status, document] of wrong)
    assert.equal((await post(messageRoutes.send, document, holding(messages))).status, status);
  assert.deepEqual(messages.sent, []);
});

test("inbox, outbox, contacts and store are documents of the contract, with nothing lost on the way", async () => {
  const messages = fakeMessages();
  for (const [path, schema] of [
    [messageRoutes.inbox, inboxSchema],
    [messageRoutes.outbox, outboxSchema],
    [messageRoutes.contacts, contactsSchema],
    [messageRoutes.store, messageStoreSchema],
  ] as const) {
    const document = await read(path, "", messages);
    assert.deepEqual(schema.parse(JSON.parse(JSON.stringify(document))), document);
  }
  assert.deepEqual(takenSchema.parse((await post(messageRoutes.take, { numbers: [4, 5] })).document), {
    taken: [4],
    untaken: [5],
    why: null,
  });
});

test("a change that is not on the disk is no change, and whoever asked for it is told why", async () => {
  const full = () => holding(fakeMessages(undefined, { kind: "refused", reason: "full" }));
  const changes = [
    [messageRoutes.addContact, { name: "anne", address: someone }],
    [messageRoutes.removeContact, { contact: "anna" }],
    [`${messageRoutes.withdraw}00000000000000aa`, {}],
  ] as const;
  for (const [path, document] of changes) {
    const answer = await post(path, document, full());
    assert.equal(answer.status, 409, path);
    assert.match(JSON.stringify(answer.document), /Nothing was changed: there is no room on the disk/);
  }
  const { document } = await post(messageRoutes.take, { numbers: [4] }, full());
  const why = "there is no room on the disk: free some";
  assert.deepEqual(takenSchema.parse(document), { taken: [], untaken: [4], why });
});

test("a disk that is behind is told from one that fails", async () => {
  const content = { kind: "text", text: "x" };
  for (const [reason, why] of [
    ["busy", "busy"],
    ["full", "store"],
  ] as const) {
    const holder = holding(fakeMessages({ kind: "store", reason }));
    const answer = await post(messageRoutes.send, { to: someone, content }, holder);
    const refused = sendAnswerSchema.parse(answer.document);
    assert.deepEqual(refused, { kind: "refused", why, figure: null, limit: null });
  }
});

test("the inbox is read by pages and by port, and a question that makes no sense is a bad request", async () => {
  const messages = fakeMessages();
  const { next } = inboxSchema.parse(await read(messageRoutes.inbox, "after=3&most=2&port=9", messages));
  assert.deepEqual(messages.asked, [{ after: 3, most: 2, port: 9 }]);
  assert.equal(next, 4);
  for (const query of ["after=-1", "most=0", "most=1001", "port=65536", "port=", "after=1e3"]) {
    const answer = await messagesRead(messageRoutes.inbox, new URLSearchParams(query), messages);
    assert.equal(answer?.status, 400, query);
  }
});

test("a contact has a name that is nobody else's and no address, and the key that his address follows from", async () => {
  const messages = fakeMessages();
  const add = async (contact: object, key?: Uint8Array) =>
    (await post(messageRoutes.addContact, contact, holding(messages, key))).status;
  assert.equal(await add({ name: "me", address: own }), 409);
  assert.equal(await add({ name: "me", address: own }, someKey), 409);
  assert.equal(await add({ name: "anna", address: own }, Uint8Array.of(1)), 409);
  assert.deepEqual(messages.put, []);
  assert.equal(await add({ name: "me", address: own }, Uint8Array.of(1)), 200);
  assert.equal(await add({ name: "anne", address: someone }), 200);
  assert.deepEqual(
    messages.put.map(({ name, address }) => [name, address]),
    [
      ["me", own],
      ["anne", someone],
    ],
  );
  assert.equal((await post(messageRoutes.removeContact, { contact: "bert" })).status, 404);
  assert.equal((await post(messageRoutes.removeContact, { contact: "anna" })).status, 200);
});

test("names that could be taken for something else are none", () => {
  for (const name of ["", " anna", "beef", "-x", "a\u001b[2J", "a\nb", "x".repeat(65)])
    assert.notEqual(contactNameFault(name), undefined, JSON.stringify(name));
  for (const name of ["anna", "Änne 2", "bee"]) assert.equal(contactNameFault(name), undefined);
});

test("who may change nothing may read no message, and over loopback nobody may", () => {
  const request = {} as IncomingMessage;
  const statusFor = (mayChange: MayChange) => keptFrom(request, mayChange)?.status;
  assert.deepEqual([statusFor("read-only"), statusFor(() => false), statusFor(() => true)], [403, 403, undefined]);
});

test("the body of who may change nothing is not even read, and one that ends early is no defect", async () => {
  const steering = { kind: "refused", reason: "" } as const;
  const mesh = { ...holding(), status: assert.fail, routes: assert.fail, ping: assert.fail, trace: assert.fail };
  const rest = { reload: assert.fail, steer: async () => steering, order: () => steering };
  const changes = nodeChanges({ mesh, ...rest });
  assert.equal(changes.isChange(messageRoutes.send, "POST"), true);
  assert.equal(changes.isChange(messageRoutes.inbox, "GET"), false);
  const read = { count: 0 };
  const request = {
    method: "POST",
    headers: { "content-length": "9" },
    async *[Symbol.asyncIterator]() {
      read.count += 1;
      yield octets("{");
      throw new Error("the connection is gone");
    },
  } as unknown as IncomingMessage;
  const parts = { changes, bodies: new RequestBodies() };
  const statusFor = async (mayChange: MayChange) =>
    (await changeAnswer(request, messageRoutes.send, parts, mayChange)).status;
  assert.deepEqual([await statusFor(() => false), await statusFor("read-only"), read.count], [403, 403, 0]);
  assert.deepEqual([await statusFor(() => true), read.count], [400, 1]);
});

test("documents that come at once have a bound together, and what was read makes room again", async () => {
  const bodies = new RequestBodies();
  const half = 24 * 2 ** 20;
  const ends: (() => void)[] = [];
  const request = (length: number, end: Promise<void>) =>
    ({
      headers: { "content-length": String(length) },
      async *[Symbol.asyncIterator]() {
        await end;
        yield octets("{}");
      },
    }) as unknown as IncomingMessage;
  const slow = () => bodies.read(request(half, new Promise<void>((resolve) => ends.push(resolve))));
  const reading = [slow(), slow()];
  const third = await bodies.read(request(1, Promise.resolve()));
  assert.equal("status" in third && third.status, 503);
  for (const end of ends) end();
  await Promise.all(reading);
  assert.deepEqual(await bodies.read(request(2, Promise.resolve())), Buffer.from("{}"));
});

test("content is text where it is UTF-8 that JSON says briefly, and never loses an octet", () => {
  assert.deepEqual(contentDocument(octets("\ufeffhä\u001b[2J\n")), { kind: "text", text: "\ufeffhä\u001b[2J\n" });
  assert.equal(contentDocument(Uint8Array.of(0xff)).kind, "base64");
  assert.equal(contentDocument(octets("a\0b")).kind, "base64");
  assert.equal(contentDocument(new Uint8Array(1_000).fill(1)).kind, "base64");
});

test("nothing that somebody wrote moves the cursor or looks like the line of another message", () => {
  const message = { number: 4, sender: someone, name: "anna", port: 0, id: "00000000000000aa", bytes: 9 };
  const times = { sentAt: "2026-11-22T14:00:00.000Z", receivedAt: "2026-11-22T14:00:01.000Z" };
  const lines = (text: string) => inboxLines({ ...message, ...times, content: { kind: "text", text } });
  const evil = lines(`one\u001b[2J\tx\r\nFrom anna (${someone}), sent`);
  assert.deepEqual(evil, [
    `From anna (${someone}), sent 2026-11-22T14:00:00.000Z, 9 B`,
    "  one\u{fffd}[2J    x",
    `  From anna (${someone}), sent`,
  ]);
  assert.deepEqual(lines("").at(-1), "  (empty)");
  const raw = { kind: "base64", base64: new Uint8Array(20).fill(255).toBase64() } as const;
  const binary = inboxLines({ ...message, ...times, name: null, port: 7, content: raw });
  assert.match(binary.join("\n"), new RegExp(`^From ${someone}, port 7, .*\n {2}\\(no text: (ff ){16}…\\)$`));
});

test("lists are shown by the names of contacts, and figures beside their limits", async () => {
  const outbox = outboxTable(outboxSchema.parse(await read(messageRoutes.outbox)), view);
  assert.match(outbox[1] ?? "", /^00000000000000aa {2}anna {2}kept {3}1 of 3 {2}10 kB {2}high {6}24 h/);
  const contacts = contactTable(contactsSchema.parse(await read(messageRoutes.contacts)), view);
  assert.match(contacts[1] ?? "", new RegExp(`^anna +${someone}`));
  const store = storeLines(messageStoreSchema.parse(await read(messageRoutes.store))).join("\n");
  assert.match(
    store,
    /^Inbox +1 of at most 100000 messages, 5 B of at most 134 MB\nOutbox +1 messages, 11 kB of at most 67 MB\n/,
  );
  assert.match(store, /Counted +2 passed, 1 dropped: hops\n/);
  assert.match(store, /Damaged +page 3; it is in \/m.corrupt-1; rows that were not what was stored: 2 of inbox$/);
});

test("where there are no messages every question says why", async () => {
  const nobody: MessagesHolder = { ...holding(), messages: undefined };
  const answers = [
    await messagesRead(messageRoutes.inbox, new URLSearchParams(), undefined),
    await post(messageRoutes.send, {}, nobody),
  ];
  for (const answer of answers) assert.match(JSON.stringify(answer?.document), /carries no messages/);
});

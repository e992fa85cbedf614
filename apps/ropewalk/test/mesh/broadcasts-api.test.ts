/** What a node answers of broadcasts and channels, and what people are shown of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { broadcastRoutes, isBroadcastAct } from "@ropewalk/api/broadcasts";
import {
  broadcastAnswerSchema,
  channelKeySchema,
  channelSchema,
  channelsSchema,
  heardPageSchema,
} from "@ropewalk/api/broadcasts-schema";
import { isOfMessages } from "@ropewalk/api/messages";
import { takenSchema } from "@ropewalk/api/messages-schema";
import type { Answer } from "../../src/local-api/answer.ts";
import { messagesChange, messagesRead } from "../../src/local-api/messages-api.ts";
import { broadcastRefusalText, broadcastSentText, channelTable, heardLines } from "../../src/render/broadcast-view.ts";
import { createPaint } from "../../src/render/paint.ts";
import { fakeBroadcasts, fakeMessages, someone } from "./fake-messages.ts";

const octets = (text: string) => new TextEncoder().encode(text);

function scene() {
  const broadcasts = fakeBroadcasts();
  const messages = { ...fakeMessages(), broadcasts };
  const post = (path: string, document: unknown): Promise<Answer> =>
    messagesChange(path, { messages, keyOf: () => undefined, sendStatus: () => assert.fail() }, () =>
      Promise.resolve(octets(JSON.stringify(document))),
    );
  const read = async (path: string, query = ""): Promise<object> => {
    const answer = await messagesRead(path, new URLSearchParams(query), messages);
    assert.equal(answer?.status, 200, JSON.stringify(answer));
    return answer.document;
  };
  return { broadcasts, post, read };
}

test("what is said to all goes to the mesh as it was asked for, for an hour at most", async () => {
  const { broadcasts, post } = scene();
  const order = {
    channel: "here",
    port: 7,
    priority: "high",
    lifeMs: 1e12,
    content: { kind: "base64", base64: "AAE=" },
  };
  const answer = broadcastAnswerSchema.parse((await post(broadcastRoutes.send, order)).document);
  assert.deepEqual(answer, { kind: "sent", id: "00000000000000aa", neighbours: 2, lifeMs: 3_600_000 });
  await post(broadcastRoutes.send, { content: { kind: "text", text: "hä" } });
  assert.deepEqual(broadcasts.sent, [
    { channel: "here", port: 7, priority: 2, life: 3_600_000, content: Uint8Array.of(0, 1) },
    { channel: undefined, port: 0, priority: 1, life: 600_000, content: octets("hä") },
  ]);
  assert.equal((await post(broadcastRoutes.send, { content: { kind: "base64", base64: "?" } })).status, 400);
  assert.equal((await post(broadcastRoutes.send, {})).status, 400);
});

test("what is refused says why, and people read what to do", async () => {
  const { post } = scene();
  const said = async (order: object) => {
    const content = { kind: "text", text: "x" };
    const { document } = await post(broadcastRoutes.send, { content, ...order });
    const answer = broadcastAnswerSchema.parse(document);
    return answer.kind === "refused" ? broadcastRefusalText(answer, "nowhere") : answer.kind;
  };
  assert.match(await said({ channel: "nowhere" }), /no channel "nowhere"/);
  assert.match(await said({ port: 1 }), /wait 10 s/);
  assert.match(await said({ content: { kind: "text", text: "x".repeat(2_000) } }), /has 2 kB, and .* 1 kB at most/);
});

test("what was heard is read apart from messages, by whom or in which channel, and taken once", async () => {
  const { post, read } = scene();
  const page = heardPageSchema.parse(JSON.parse(JSON.stringify(await read(broadcastRoutes.heard, "after=0&most=9"))));
  assert.deepEqual(
    page.broadcasts.map(({ number, sender, name, channel }) => [number, sender, name, channel]),
    [
      [5, someone, "anna", null],
      [6, null, null, "here"],
    ],
  );
  assert.equal(page.next, 6);
  const taken = takenSchema.parse((await post(broadcastRoutes.take, { numbers: [5, 6] })).document);
  assert.deepEqual(taken, { taken: [5], untaken: [6], why: null });
  const lines = page.broadcasts.map((one) => heardLines(one).join("\n"));
  assert.match(lines[0] ?? "", new RegExp(`^To all, from anna \\(${someone}\\), sent .*, 9 B\n  hello all$`));
  assert.match(lines[1] ?? "", /^In the channel here, sent /);
});

test("a channel's key is told to who asks for it, and never in a list", async () => {
  const { broadcasts, post, read } = scene();
  const list = await read(broadcastRoutes.channels);
  assert.ok(!JSON.stringify(list).includes("0707"));
  const { channels } = channelsSchema.parse(list);
  assert.match(
    channelTable({ schema: 1, channels }, { paint: createPaint(false), columns: undefined })[1] ?? "",
    /^here/,
  );
  const asked = await post(broadcastRoutes.channelKey, { channel: "here" });
  assert.deepEqual(channelKeySchema.parse(asked.document), { name: "here", key: "07".repeat(32) });
  assert.equal((await post(broadcastRoutes.channelKey, { channel: "there" })).status, 404);
  const added = channelSchema.parse(
    (await post(broadcastRoutes.addChannel, { name: "there", key: "07".repeat(32) })).document,
  );
  assert.equal(added.fingerprint, channels[0]?.fingerprint, "the same key shows the same");
  assert.equal((await post(broadcastRoutes.addChannel, { name: "there" })).status, 409);
  assert.equal((await post(broadcastRoutes.addChannel, { name: "\u001b" })).status, 409);
  assert.equal((await post(broadcastRoutes.addChannel, { name: "short", key: "07" })).status, 400);
  assert.equal((await post(broadcastRoutes.addChannel, { name: "new" })).status, 200);
  assert.deepEqual([...broadcasts.channels().keys()], ["here", "there", "new"]);
  assert.equal((await post(broadcastRoutes.removeChannel, { channel: "here" })).status, 200);
  assert.equal((await post(broadcastRoutes.removeChannel, { channel: "here" })).status, 404);
});

test("all of it is kept from who may change nothing, and each act is one", () => {
  for (const path of Object.values(broadcastRoutes)) assert.ok(isOfMessages(path), path);
  const reads: readonly string[] = [broadcastRoutes.heard, broadcastRoutes.channels];
  for (const path of Object.values(broadcastRoutes)) assert.equal(isBroadcastAct(path), !reads.includes(path), path);
});

test("who is alone is told that nobody hears it yet", () => {
  const sent = { kind: "sent", id: "00000000000000aa", lifeMs: 600_000 } as const;
  assert.match(broadcastSentText({ ...sent, neighbours: 0 }), /no neighbour now/);
  assert.match(broadcastSentText({ ...sent, neighbours: 1 }), /to a neighbour, and to who comes within 10 min/);
});

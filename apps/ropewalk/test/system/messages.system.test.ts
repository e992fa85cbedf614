/**
 * Messages between three machines: client on the LAN of edge, target-1 beyond it. Typed as people type them, also while who is meant is away
 * and while who carries them is killed.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { seconds } from "@ropewalk/kernel/units";
import { type MeshMember, meshInRow } from "./mesh-in-lab.ts";
import { type NodeInLab, type Started, soon } from "./node-in-lab.ts";

/** For what takes seconds on a busy machine: links that are dialled again, envelopes that are tried again. */
const patience = seconds(40);

let lab: NodeInLab;
let client: MeshMember;
let edge: MeshMember;
let target: MeshMember;
let relay: Started;
let recipient: Started;
let sender: Started;
const running = new AsyncDisposableStack();

before(async () => {
  ({ lab, client, edge, target } = await meshInRow(running));
  sender = await client.start();
  running.defer(() => sender[Symbol.asyncDispose]());
  recipient = await target.start();
  running.defer(() => recipient[Symbol.asyncDispose]());
  relay = await edge.start();
  running.defer(() => relay[Symbol.asyncDispose]());
  const far = await target.address();
  await relay.until("client has a way to target-1", async () => isReached(far), patience);
});
after(() => running.disposeAsync());

test("a contact is added by the beginning of his address, and sent to by his name", async () => {
  const far = await target.address();
  const added = await client.command("contacts", "add", "anna", far.slice(0, 8));
  assert.equal(added.stdout, `anna is ${far}.\n`, added.stderr);
  const sent = await client.command("send", "anna", "hello there", "--wait=20s");
  assert.deepEqual([sent.status, sent.stderr], [0, ""]);
  assert.match(sent.stdout, new RegExp(`^${far} has [0-9a-f]{16}\\.\n$`));
  const inbox = await target.command("inbox", "--take");
  const from = await client.address();
  assert.match(inbox.stdout, new RegExp(`^From ${from}, sent 20\\d\\d-[^ ]*Z, 11 B\n {2}hello there\n$`));
  assert.equal((await target.command("inbox")).stdout, "The inbox is empty.\n");
  assert.equal((await client.command("outbox")).stdout, "Nothing is on its way.\n");
});

test("a file of many parts arrives as it was, by the port that it was sent to", async () => {
  const octets = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7) & 0xff);
  const file = join(lab.folder, "octets");
  writeFileSync(file, octets);
  const sent = await client.command("send", "anna", "--file", file, "--port", "7", "--wait=30s", "--json");
  assert.equal(sent.status, 0, sent.stderr);
  assert.equal(JSON.parse(sent.stdout).proof, "delivered");
  assert.equal((await target.command("inbox", "--port", "8")).stdout, "The inbox is empty.\n");
  const shown = await target.command("inbox", "--port", "7");
  assert.match(shown.stdout, / port 7, sent .* 100 kB\n {2}\(no text: 00 07 0e 15 /);
  const told = JSON.parse((await target.command("inbox", "--port", "7", "--take", "--json")).stdout);
  assert.deepEqual(Uint8Array.fromBase64(told.content.base64), octets);
});

test("what is for who is away is kept, edge is killed in between, and it arrives once", async () => {
  const far = await target.address();
  await stop(recipient);
  await relay.until("client knows of no way", async () => !(await isReached(far)), patience);
  const late = await client.command("send", "anna", "for later", "--wait=1s", "--life", "1h");
  assert.equal(late.status, 11);
  assert.match(late.stderr, /has not proved within 1 s to have [0-9a-f]{16}\. It is kept/);
  const kept = async () => (await edge.client.messages.store(soon())).custody.envelopes;
  await relay.until("edge keeps it", async () => (await kept()) > 0, patience);
  await relay.process.kill("SIGKILL");
  await relay.process.exited;
  await relay[Symbol.asyncDispose]();
  relay = await edge.start();
  assert.ok((await kept()) > 0);
  recipient = await target.start();
  const texts = async () => (await target.client.messages.inbox({ after: 0, most: 100, port: 0 }, soon())).messages;
  await recipient.until("it arrives", async () => (await texts()).length > 0, patience);
  await recipient.until("client has the proof", async () => (await outbox()).length === 0, patience);
  const [only, ...others] = await texts();
  assert.deepEqual([only?.content, others], [{ kind: "text", text: "for later" }, []]);
});

test("who follows his inbox is printed each message once, also over a restart of his node", async () => {
  await using reader = target.stay("inbox", "--follow", "--take", "--json");
  const lines = () =>
    reader.stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line).content.text);
  await reader.until("what was there is printed", () => lines().length === 1, patience);
  assert.deepEqual(lines(), ["for later"]);
  assert.equal((await client.command("send", "anna", "two", "--wait=20s")).status, 0);
  await reader.until("what came is printed", () => lines().length === 2, patience);
  await stop(recipient);
  const sent = await client.command("send", "anna", "three", "--priority", "high");
  assert.match(sent.stdout, /^[0-9a-f]{16} is on its way to [0-9a-f]{32}\.\n$/);
  const id = sent.stdout.slice(0, 16);
  assert.match((await client.command("outbox")).stdout, new RegExp(`\n${id} +anna +[a-z ]+ 0 of 1 +5 B +high `));
  recipient = await target.start();
  await reader.until("what came behind the restart is printed", () => lines().length === 3, patience);
  assert.deepEqual(lines(), ["for later", "two", "three"]);
  assert.match(reader.stderr, /the node went away; waiting for it\./);
  await recipient.until("client has the proof", async () => (await outbox()).length === 0, patience);
  // Taken behind being printed: whoever is killed between the two prints it again, and loses nothing.
  const isEmpty = async () => (await target.client.messages.store(soon())).inbox.messages === 0;
  await recipient.until("what was printed is taken", isEmpty, patience);
  assert.equal(await reader.stop("SIGINT"), 0);
  assert.equal(reader.stderr.match(/could not be taken/), null);
});

test("what nobody can be sent, or is withdrawn, is said so by exit codes", async () => {
  const long = join(lab.folder, "long");
  writeFileSync(long, new Uint8Array(300_000));
  const [nobody, twice, itself, gone, text, tooLong, nowhere] = await Promise.all([
    client.command("send", "bert", "hello"),
    client.command("send", "anna"),
    client.command("send", await client.address(), "hello"),
    client.command("withdraw", "0123456789abcdef"),
    client.command("withdraw", "it"),
    client.command("send", "anna", "--file", long),
    client.command("broadcast", "--channel", "nowhere", "hello"),
  ]);
  assert.deepEqual(
    [nobody, twice, itself, gone, text, tooLong, nowhere].map(({ status }) => status),
    [7, 2, 1, 7, 2, 1, 7],
  );
  assert.match(itself.stderr, /it is for this node itself/);
  assert.match(tooLong.stderr, /has 300 kB, and may have 262 kB at most \(mesh\.store\.max_message_bytes\)/);
  assert.match(
    (await client.command("store")).stdout,
    /^Inbox +0 of at most 100000 messages, 0 B of at most 134 MB\nOutbox +0 messages/,
  );
  assert.match((await client.command("contacts")).stdout, /^NAME .*\nanna +[0-9a-f]{32}\b/);
  assert.equal((await client.command("contacts", "remove", "anna")).stdout, "No contacts.\n");
});

test("a store that was damaged is put aside, what can be read of it goes on, and the node says so until its next start", async () => {
  assert.equal((await client.command("contacts", "add", "anna", await target.address())).status, 0);
  await stop(recipient);
  for (let count = 0; count < 40; count += 1) await sendLong(count);
  const kept = (await outbox()).length;
  await stop(sender);
  const file = join(lab.folder, "client/state/mesh/messages");
  const octets = readFileSync(file);
  // In the middle, where there are contents: the first pages say what tables there are.
  octets.fill(0xa5, octets.length >> 1, (octets.length >> 1) + 8_192);
  writeFileSync(file, octets);
  sender = await client.start();
  const { start, salvaged } = await client.client.messages.store(soon());
  assert.equal(start, "salvaged");
  assert.ok(existsSync(salvaged?.aside ?? ""));
  const left = (await outbox()).length;
  assert.ok(left > 0 && left <= kept, `${left} of ${kept}`);
  assert.match((await client.command("store")).stdout, /\nDamaged +.*messages\.corrupt-/);
  const { subsystems } = (await client.client.status(soon())).health;
  const health = subsystems.find(({ name }) => name === "messages");
  assert.equal(health?.state, "degraded");
  assert.match(JSON.stringify(health), /the damaged file is .*messages\.corrupt-/);
  assert.match(sender.stderr + sender.stdout, /the store of messages was damaged/);
  await stop(sender);
  sender = await client.start();
  assert.equal((await client.client.messages.store(soon())).start, "kept");
  const again = (await client.client.status(soon())).health.subsystems.find(({ name }) => name === "messages");
  assert.equal(again?.state, "healthy");
});

async function sendLong(count: number): Promise<void> {
  const content = { kind: "text", text: `${count} `.repeat(2_000) } as const;
  const order = { to: "anna", port: 0, priority: "normal", lifeMs: null, content } as const;
  assert.equal((await client.client.messages.send(order, soon())).kind, "accepted");
}

async function isReached(address: string): Promise<boolean> {
  const { routes } = await client.client.meshRoutes(soon());
  return routes.some((route) => route.address === address && route.distance !== null);
}

async function outbox() {
  return (await client.client.messages.outbox(soon())).messages;
}

async function stop(started: Started): Promise<void> {
  await started.process.kill("SIGTERM");
  await started.process.exited;
  await started[Symbol.asyncDispose]();
}

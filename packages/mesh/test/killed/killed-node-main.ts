/**
 * A whole node that carries messages, takes what comes for it and writes to another if it is told to, until it is killed. What is certain
 * it says on standard output, a line each, before it goes on; `ledger.ts` reads them. Argument: JSON of `KilledNodeTask`.
 */
import { createHash, randomBytes } from "node:crypto";
import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { sleep } from "@ropewalk/kernel/clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { millis, seconds } from "@ropewalk/kernel/units";
import { meshConfig } from "@ropewalk/mesh/config";
import { readIdentityFile } from "@ropewalk/mesh/io/identity-file";
import { SequenceFile } from "@ropewalk/mesh/io/sequence-file";
import type { Messages } from "@ropewalk/mesh/messages";
import { NodeShell } from "@ropewalk/mesh/node-shell";
import { decodeAnnounce } from "@ropewalk/mesh/pure/wire/announce";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import { MeshService } from "@ropewalk/mesh/service";
import { contentOf, type KilledNodeTask, nameIn } from "./killed-node-task.ts";

const task: KilledNodeTask = JSON.parse(process.argv[2] ?? "");
const clock = createSystemClock();
const port = 7;
const look = millis(20);
const told = new Set<string>();

tap();
const { messages } = await start();
if (messages === undefined) throw new Error("it carries no messages");
say(`found ${messages.found.start}`);
// Who is killed leaves nothing to those that are started behind it.
flushCompileCache();
for (const { id } of messages.outbox()) say(`has ${id}`);
await Promise.all([takeAll(messages), writeAll(messages), tellLeft(messages)]);

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

/** All frames that come here are looked at on their way. */
function tap(): void {
  const { receive } = NodeShell.prototype;
  NodeShell.prototype.receive = function (link, frame) {
    for (const line of linesOf(frame)) tellOnce(line);
    receive.call(this, link, frame);
  };
}

function tellOnce(line: string): void {
  if (told.has(line)) return;
  told.add(line);
  say(line);
}

function linesOf(octets: Uint8Array): readonly string[] {
  const frame = decodeFrame(octets);
  if (frame?.type === "message" || frame?.type === "deposit") {
    const { name, sealed } = frame.envelope;
    return [`sealed ${name} ${createHash("sha256").update(sealed).digest("hex").slice(0, 32)}`];
  }
  const announce = frame?.type === "announce" ? decodeAnnounce(frame.announce) : undefined;
  if (announce === undefined || typeof announce === "string") return [];
  const { key, epoch, sequence, signature } = announce;
  return [`announced ${key.toHex()} ${epoch}.${sequence} ${signature.toHex().slice(0, 32)}`];
}

async function start(): Promise<MeshService> {
  const { folder, port: own, peers } = task;
  const written = { transport: { listen: [`127.0.0.1:${own}`] }, discovery: { enabled: false } };
  const config = meshConfig({ ...written, peer: peers.map((peer) => ({ at: `127.0.0.1:${peer}` })) });
  const key = readIdentityFile(join(folder, "identity"));
  const sequences = SequenceFile.open(join(folder, "sequences"), clock.wall());
  const deps = { key, sequences, clock, chance: Math.random, store: join(folder, "messages") };
  return await MeshService.start(config, deps);
}

/** Some are taken only when they are read again. */
async function takeAll(node: Messages): Promise<void> {
  const incoming = Promise.withResolvers<void>();
  let wake = incoming.resolve;
  using _heard = node.subscribe(({ kind }) => void (kind === "received" && wake()));
  for (let after = 0; ; ) {
    const next = Promise.withResolvers<void>();
    wake = next.resolve;
    const reading = await node.inbox(after, 50);
    const rows = reading.kind === "read" ? reading.value : [];
    for (const { number, content } of rows) say(`row ${number} ${nameIn(content) ?? "garbled"}`);
    const taken = rows.filter(() => Math.random() < 0.8);
    await Promise.all(
      taken.map(async ({ number }) => {
        if ((await node.take(number)).kind === "done") say(`taken ${number}`);
      }),
    );
    after = taken.length === rows.length || Math.random() < 0.5 ? 0 : (rows.at(-1)?.number ?? 0);
    if (rows.length === 0) await Promise.race([next.promise, sleep(clock, "inbox", seconds(1))]);
  }
}

/** A few are withdrawn again. */
async function writeAll(node: Messages): Promise<void> {
  const { writesTo } = task;
  if (writesTo === undefined) return;
  const { address: to, key, atOnce } = writesTo;
  await node.putContact({ address: to, key: Uint8Array.fromHex(key), name: "other" });
  for (;;) {
    while (node.outbox().length >= atOnce) await sleep(clock, "outbox", look);
    const name = randomBytes(8).toHex();
    const sent = await node.send({ to, port, priority: 1, life: seconds(86_400), content: contentOf(name) });
    if (sent.kind === "refused") throw new Error(`it was refused: ${JSON.stringify(sent)}`);
    say(`accepted ${sent.id} ${name}`);
    if (Math.random() < 0.02) {
      // This process may die between the disk and the word.
      say(`withdrawing ${sent.id}`);
      if ((await node.withdraw(sent.id)).kind === "done") say(`withdrawn ${sent.id}`);
    }
    await sleep(clock, "next", millis(2));
  }
}

async function tellLeft(node: Messages): Promise<void> {
  for (let last = -1; ; await sleep(clock, "left", look)) {
    const left = node.outbox().length;
    if (left !== last) say(`left ${left}`);
    last = left;
  }
}

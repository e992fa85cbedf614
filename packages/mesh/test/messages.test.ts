/** Messages between real nodes over real links: delivered, proved, and kept while whoever they are for is away. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { generateSigningKey, type SigningKey } from "@ropewalk/crypto/signing-key";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { millis, seconds } from "@ropewalk/kernel/units";
import { meshConfig } from "@ropewalk/mesh/config";
import { SequenceFile } from "@ropewalk/mesh/io/sequence-file";
import type { Messages } from "@ropewalk/mesh/messages";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { MeshService } from "@ropewalk/mesh/service";

const clock = createSystemClock();
let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "mesh-messages-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** A node with a disk of its own, that can be stopped and started again. */
class Place implements AsyncDisposable {
  readonly name: string;
  readonly key: SigningKey<"ed25519"> = generateSigningKey("ed25519");
  #sequences: SequenceFile | undefined;
  #service: MeshService | undefined;

  constructor(name: string) {
    this.name = join(folder, name);
  }

  get service(): MeshService {
    return this.#service ?? assert.fail(`${this.name} is not there`);
  }

  get messages(): Messages {
    return this.service.messages ?? assert.fail(`${this.name} carries no messages`);
  }

  get at(): string {
    return `127.0.0.1:${this.service.listening[0]?.port}`;
  }

  async start(...peers: readonly string[]): Promise<MeshAddress> {
    const sequences = SequenceFile.open(`${this.name}.sequences`, clock.wall());
    this.#sequences = sequences;
    const table = { transport: { listen: ["127.0.0.1:0"] }, discovery: { enabled: false } };
    const config = meshConfig({ ...table, peer: peers.map((at) => ({ at })) });
    const deps = { key: this.key, sequences, clock, chance: Math.random, store: `${this.name}.messages` };
    this.#service = await MeshService.start(config, deps);
    return this.#service.address;
  }

  async stop(): Promise<void> {
    await this.#service?.[Symbol.asyncDispose]();
    this.#sequences?.[Symbol.dispose]();
    this.#service = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async send(to: MeshAddress, text: string): Promise<string> {
    const content = new TextEncoder().encode(text);
    const sent = await this.messages.send({ to, port: 7, priority: 1, life: seconds(3_600), content });
    return sent.kind === "accepted" ? sent.id : assert.fail(`${sent.kind} ${JSON.stringify(sent)}`);
  }

  async delivered(id: string): Promise<void> {
    const outcome = await this.messages.delivery(id, seconds(20));
    // It may be over before it is asked for.
    assert.ok(outcome?.kind === "delivered" || outcome?.kind === "unknown", JSON.stringify(outcome));
  }

  async inbox(): Promise<readonly string[]> {
    const reading = await this.messages.inbox(0, 100);
    if (reading.kind !== "read") return assert.fail(reading.why);
    return reading.value.map(({ content }) => new TextDecoder().decode(content));
  }
}

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const end = clock.now() + 20_000; !(await isSo()); ) {
    if (clock.now() > end) assert.fail(`it never came that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const ways = (from: Place, to: MeshAddress) => () =>
  from.service.routes().some(({ address, distance }) => address === to && distance !== undefined);

test("a message crosses a node that cannot read it, and its sender has the proof", async () => {
  await using one = new Place("one");
  await using between = new Place("between");
  await using other = new Place("other");
  await between.start();
  await one.start(between.at);
  const to = await other.start(between.at);
  await until(ways(one, to), "there is a way");
  const ids = [];
  for (let number = 0; number < 50; number += 1) ids.push(await one.send(to, `message ${number}`));
  for (const id of ids) await one.delivered(id);
  assert.deepEqual([...(await other.inbox())].toSorted(), ids.map((_, number) => `message ${number}`).toSorted());
  assert.deepEqual(one.messages.outbox(), []);
  assert.deepEqual(await between.inbox(), []);
  const [first] = await other.messages.inbox(0, 1).then((reading) => (reading.kind === "read" ? reading.value : []));
  assert.equal(first?.sender, one.service.address);
  assert.equal(await other.messages.take(first?.number ?? 0), true);
  assert.equal(await other.messages.take(first?.number ?? 0), false);
  assert.equal((await other.inbox()).length, 49);
});

test("what is for somebody who is away is kept, over restarts of all, and arrives once when he is there", async () => {
  await using one = new Place("sender");
  await using between = new Place("keeper");
  await using other = new Place("sleeper");
  await between.start();
  await one.start(between.at);
  const to = await other.start(between.at);
  await until(ways(one, to), "there is a way");
  await other.stop();
  await until(() => !ways(one, to)(), "there is none");
  const id = await one.send(to, "for later");
  await until(() => (between.messages.status()?.custody.envelopes ?? 0) > 0, "a neighbour keeps it");
  await between.stop();
  await one.stop();
  await between.start();
  await other.start(between.at);
  await until(async () => (await other.inbox()).length > 0, "the keeper brings it");
  assert.deepEqual(await other.inbox(), ["for later"]);
  await one.start(between.at);
  assert.deepEqual(
    one.messages.outbox().map((message) => message.id),
    [id],
  );
  await until(() => one.messages.outbox().length === 0, "its sender hears of it");
  assert.deepEqual(await other.inbox(), ["for later"]);
});

test("a long message arrives whole, and one that is too long is refused with the limit", async () => {
  await using one = new Place("long");
  await using other = new Place("reader");
  await one.start();
  const to = await other.start(one.at);
  await until(ways(one, to), "there is a way");
  const text = "0123456789abcdef".repeat(12_000);
  await one.delivered(await one.send(to, text));
  assert.deepEqual(await other.inbox(), [text]);
  const content = new Uint8Array(100_000_000);
  const refused = await one.messages.send({ to, port: 7, priority: 1, life: millis(60_000), content });
  assert.deepEqual(refused, { kind: "refused", why: { kind: "too-long", octets: 100_000_000, limit: 262_144 } });
});

/** Waiting for a proof over whatever happens to the node meanwhile, and finding to whom a message goes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Received } from "@ropewalk/api/asking";
import type { MessageEventDocument } from "@ropewalk/api/messages";
import type { MessagingClient } from "@ropewalk/api/messages-client";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { seconds } from "@ropewalk/kernel/units";
import { ProofWatch } from "../../src/local-api/await-proof.ts";
import { findRecipient } from "../../src/local-api/find-recipient.ts";

const id = "00000000000000aa";
const at = "2026-11-22T14:00:00.000Z";
const snapshot = { at, kind: "snapshot", store: undefined as never } as const;
const of = (kind: "delivered" | "expired", which = id): MessageEventDocument => ({ at, kind, id: which });
type Script = readonly (MessageEventDocument | "broken" | "silent")[];

/** Each script is what one connection tells; `kept`: what is in the outbox. */
function waiting(scripts: readonly Script[], kept: readonly string[] = []) {
  const clock = new FakeClock();
  const after: (string | undefined)[] = [];
  const progress: (readonly [number, number])[] = [];
  const over = new AbortController();
  const left = [...scripts];
  async function* events(signal: AbortSignal, last?: string): AsyncGenerator<Received<MessageEventDocument>, void> {
    after.push(last);
    for (const [index, event] of (left.shift() ?? []).entries()) {
      if (event === "broken") throw Object.assign(new Error("the node is gone"), { code: "ECONNRESET" });
      if (event === "silent") {
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      } else yield { id: `${after.length}-${index}`, event };
    }
  }
  const outbox = async () => ({ messages: kept.map((each) => ({ id: each })) });
  const client = { messages: { events, outbox } } as unknown as MessagingClient;
  const onProgress = (proved: number, parts: number) => void progress.push([proved, parts]);
  const open = () => ProofWatch.open(client, { clock, signal: over.signal, onProgress });
  return { clock, after, progress, over, open };
}

test("a proof that comes at once is not missed, and others' are not taken for it", async () => {
  const progress = { at, kind: "progress", id, proved: 1, of: 3 } as const;
  const { open, progress: told } = waiting([
    [snapshot, of("delivered", "00000000000000bb"), progress, of("delivered")],
  ]);
  assert.equal(await (await open()).proof(id), "delivered");
  assert.deepEqual(told, [[1, 3]]);
  assert.equal(await (await waiting([[snapshot, of("expired")]]).open()).proof(id), "expired");
});

test("a node that goes away is asked again from where it was left, and the proof is what it tells then", async () => {
  const { open, clock, after } = waiting([[snapshot, "broken"], ["broken"], [of("delivered")]]);
  const proof = (await open()).proof(id);
  for (let count = 0; count < 2; count += 1) {
    await settled();
    clock.advance(seconds(1));
  }
  assert.equal(await proof, "delivered");
  assert.deepEqual(after, [undefined, "1-0", "1-0"]);
});

test("where events were lost, what is in the outbox no more is over, and what is there is waited for", async () => {
  const run = async (kept: readonly string[]) => {
    const { open, clock } = waiting(
      [
        [snapshot, "broken"],
        [snapshot, of("delivered")],
      ],
      kept,
    );
    const proof = (await open()).proof(id);
    await settled();
    clock.advance(seconds(1));
    return await proof;
  };
  assert.equal(await run([]), "over");
  assert.equal(await run([id]), "delivered");
});

test("who has waited long enough is told so, be the node there or not", async () => {
  for (const script of ["silent", "broken"] as const) {
    const { open, over } = waiting([[snapshot, script]]);
    const proof = (await open()).proof(id);
    await settled();
    over.abort();
    assert.equal(await proof, "late");
  }
});

test("a message goes to a contact by his name, and to an address by its beginning; and whether he is there is told", async () => {
  const [near, away, lost, unheard] = ["4f0c", "9c41", "77aa", "0b0b"].map((digits) => digits.padEnd(32, "0"));
  const contacts = async () => ({ contacts: [{ name: "anna", address: away, key: "" }] });
  const routes = [
    { address: near, distance: 1 },
    { address: lost, distance: null },
  ];
  const client = { messages: { contacts }, meshRoutes: async () => ({ routes }) } as unknown as MessagingClient;
  const find = (text: string) => findRecipient(text, client, new AbortController().signal);
  const found = await Promise.all(["anna", "4F0C", "9c41", lost ?? "", unheard ?? ""].map(find));
  assert.deepEqual(
    found.map(({ address, standing }) => [address, standing]),
    [
      ...[
        [away, "away"],
        [near, "there"],
        [away, "away"],
      ],
      ...[
        [lost, "away"],
        [unheard, "unheard"],
      ],
    ],
  );
  await assert.rejects(find("bert"), { code: "APP_NOT_FOUND", message: /no contact is called "bert"/ });
  await assert.rejects(find("bea"), { code: "APP_NOT_FOUND", message: /no contact is called "bea"/ });
  await assert.rejects(find("4f0d"), { code: "APP_NOT_FOUND", message: /begins with 4f0d/ });
});

/** All that follows from what has happened, without time. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

/**
 * What the store of messages takes in a second, how soon it is open again with a hundred thousand messages in custody, and for how long
 * its owner's event loop is held up at most. On the disk of the race's folder, which is waited for as in use.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { MessageStore } from "@ropewalk/mesh/io/store/store-thread";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import type { StoreAnswer, StoreOperation } from "@ropewalk/mesh/pure/messages/store-operations";
import type { StoreTime } from "@ropewalk/mesh/pure/messages/store-time";
import { ownColumn } from "../tunnel/entrant.ts";
import type { Figure } from "../tunnel/round-table.ts";
import type { Part } from "./part.ts";

const [received, inCustody] = [60_000, 100_000];
/** Written by the owner in one turn, and as many as it lets wait. */
const [inTurn, mostWaiting] = [32, 4_096];
const [contentLength, envelopeLength, contacts] = [100, 300, 500];

const rate: Figure = {
  ...{ metric: "received messages stored, with chain and proof, per second", unit: "", better: "more" },
  goals: [{ kind: "figure", limit: 20_000 }],
};
const start: Figure = {
  ...{ metric: "opening and reading the index of 100,000 messages", unit: "ms", better: "less" },
  goals: [{ kind: "figure", limit: 1_000 }],
};
const turn: Figure = {
  ...{ metric: "longest turn of the owner's event loop while it stores", unit: "ms of processor", better: "less" },
  goals: [{ kind: "figure", limit: 20 }],
};

export const messageStore: Part = async ({ table, folder, rounds }) => {
  for (let round = 0; round < rounds; round += 1) {
    const path = join(folder, `messages-${round}`);
    {
      await using store = await openStore(path);
      const { seconds, longest } = await stored(store, received, receiveOperation);
      table.record(rate, ownColumn, round, received / seconds);
      table.record(turn, ownColumn, round, longest);
      await stored(store, inCustody, custodyOperation);
    }
    const began = performance.now();
    await using store = await openStore(path);
    let rows = 0;
    for await (const page of store.pages("custody")) rows += page.length;
    if (rows !== inCustody) throw new Error(`${rows} of ${inCustody} are in the index`);
    table.record(start, ownColumn, round, performance.now() - began);
    await rm(path);
  }
  table.note(
    `Messages of ${contentLength} octets of ${contacts} senders, each a group of its own, ${mostWaiting} waiting at most; what is opened has ${received} in its inbox besides, and its file was read before.`,
  );
};

function openStore(path: string): Promise<MessageStore> {
  const onDeath = (error: Error) => {
    throw error;
  };
  return MessageStore.open({ path }, { clock: createSystemClock(), onEvent: () => {}, onDeath });
}

/** Seconds until all are committed, and the longest turn, in milliseconds that this thread was on a processor. */
async function stored(store: MessageStore, count: number, operation: (index: number) => StoreOperation) {
  const began = performance.now();
  const waiting: Promise<StoreAnswer>[] = [];
  let [written, longest, last] = [0, 0, processorTime()];
  while (written < count || waiting.length > 0) {
    for (let index = 0; index < inTurn && written < count && waiting.length < mostWaiting; index += 1) {
      waiting.push(store.write([operation(written)]));
      written += 1;
    }
    if (waiting.length < mostWaiting && written < count) await new Promise(setImmediate);
    else for (const answer of await Promise.all(waiting.splice(0, inTurn))) checkCommitted(answer);
    const now = processorTime();
    longest = Math.max(longest, now - last);
    last = now;
  }
  return { seconds: (performance.now() - began) / 1000, longest };
}

function checkCommitted(answer: StoreAnswer): void {
  if (answer.kind === "refused") throw new Error(`the store refused: ${answer.why}`);
}

function processorTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

const until = 2_000_000_000 as StoreTime;
const name = (index: number) => index.toString(16).padStart(16, "0");
const address = (index: number) => index.toString(16).padStart(32, "0") as MeshAddress;

function receiveOperation(index: number): StoreOperation {
  const sender = address(index % contacts);
  const octets = new Uint8Array(contentLength).fill(index);
  return {
    ...{ kind: "receive", sender, id: name(index), chunk: 0, until },
    received: { kind: "whole", port: 1, sent: 0, at: 0, octets },
    chain: {
      ...{ sender, opening: new Uint8Array(8).fill(1), base: index, until },
      ...{ key: octets.subarray(0, 32), seen: new Uint8Array() },
    },
    proof: { tag: name(index), ackKey: octets.subarray(0, 16), until },
  };
}

function custodyOperation(index: number): StoreOperation {
  const facts = { from: address(1), isSenders: false, priority: 1, until, copies: 8 };
  const to = { kind: "address", address: address(index % 1_000) } as const;
  return {
    kind: "custody-put",
    custody: { name: name(index) + name(index), to, ...facts },
    envelope: new Uint8Array(envelopeLength).fill(index),
  };
}

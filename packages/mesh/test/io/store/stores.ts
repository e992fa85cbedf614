/** Stores for tests, in folders of their own, and what is put into them. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { bytes } from "@ropewalk/kernel/units";
import type { StoreEvent } from "@ropewalk/mesh/io/store/store-messages";
import { MessageStore } from "@ropewalk/mesh/io/store/store-thread";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import type {
  AcceptOperation,
  ReceivedContent,
  ReceiveOperation,
  SealedOperation,
  StoredChain,
  StoreOperation,
  StoreOutcome,
} from "@ropewalk/mesh/pure/messages/store-operations";
import type { StorePages, StoreQuestion, StoreReply } from "@ropewalk/mesh/pure/messages/store-questions";
import type { StoreTime } from "@ropewalk/mesh/pure/messages/store-time";

export const clock = createSystemClock();
/** Small, as it is written anew for each store. */
export const reserve = bytes(65_536);

export class StoreFolder implements Disposable {
  readonly path: string;
  readonly #folder = mkdtempSync(join(tmpdir(), "ropewalk-messages-"));

  constructor() {
    this.path = join(this.#folder, "messages");
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** `events`: where those that it tells go. */
export function openStore(path: string, events: StoreEvent[] = []): Promise<MessageStore> {
  return MessageStore.open(
    { path, reserve },
    {
      clock,
      onEvent: (event) => events.push(event),
      onDeath: (error) => assert.fail(error),
    },
  );
}

/** What each operation came to; they must be committed. */
export async function committed(
  store: MessageStore,
  ...operations: readonly StoreOperation[]
): Promise<readonly StoreOutcome[]> {
  const answer = await store.write(operations);
  assert.equal(answer.kind, "committed", JSON.stringify(answer));
  return answer.kind === "committed" ? answer.outcomes : [];
}

export async function read<Question extends StoreQuestion>(
  store: MessageStore,
  question: Question,
): Promise<StoreReply[Question["kind"]]> {
  const reading = await store.read(question);
  if (reading.kind === "unread") assert.fail(reading.why);
  return reading.value;
}

export async function allRows<Kind extends keyof StorePages>(
  store: MessageStore,
  of: Kind,
): Promise<StorePages[Kind][]> {
  const rows: StorePages[Kind][] = [];
  for await (const page of store.pages(of)) rows.push(...page);
  return rows;
}

/** All that waits in the inbox, as text. */
export async function inboxTexts(store: MessageStore): Promise<readonly string[]> {
  const texts: string[] = [];
  for (let after: number | undefined = 0; after !== undefined; ) {
    const { rows, next }: StoreReply["inbox"] = await read(store, { kind: "inbox", after, most: 256, port: undefined });
    texts.push(...rows.map(({ content }) => new TextDecoder().decode(content)));
    after = next;
  }
  return texts;
}

export function address(index: number): MeshAddress {
  return index.toString(16).padStart(32, "0") as MeshAddress;
}

/** Of a message, a tag or a hint. */
export function id(index: number): string {
  return index.toString(16).padStart(16, "0");
}

/** By which what is kept for others is known. */
export function keptName(index: number): string {
  return id(index) + id(index + 1);
}

export function octets(length: number, fill: number): Uint8Array {
  return new Uint8Array(length).fill(fill);
}

export function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

export function time(value: number): StoreTime {
  return value as StoreTime;
}

export const until: StoreTime = time(2_000_000_000);

export function accept(
  index: number,
  options: { readonly chunks?: number; readonly until?: StoreTime } = {},
): AcceptOperation {
  const facts = { contact: address(7), port: 5, priority: 1, until, accepted: 1_800_000_000, chunks: 1 };
  return { kind: "accept", message: { id: id(index), ...facts, ...options }, content: text(`message ${index}`) };
}

export function seal(index: number, tag: number, chunk = 0): SealedOperation {
  const sealed = { tag: id(tag), id: id(index), chunk, mark: octets(8, tag) };
  return { kind: "sealed", sealed, envelope: octets(100, tag) };
}

export function whole(content: string): ReceivedContent {
  return { kind: "whole", port: 5, sent: 1_800_000_000, at: 1_800_000_001, octets: text(content) };
}

export function chain(sender: number, base: number): StoredChain {
  const [opening, key, seen] = [octets(32, sender), octets(32, base), octets(64, base)];
  return { sender: address(sender), opening, key, base, seen, until };
}

export function receive(sender: number, index: number, received: ReceivedContent, chunk = 0): ReceiveOperation {
  return {
    ...{ kind: "receive", sender: address(sender), id: id(index), chunk, received, until },
    chain: chain(sender, index % 200),
    proof: { tag: id(index * 16 + chunk), ackKey: octets(16, index), until },
  };
}

/** Of an origin's. */
export function hearing(index: number): Extract<StoreOperation, { readonly kind: "hear" }> {
  const source = { kind: "origin", address: address(index) } as const;
  const facts = { port: 5, id: id(index), sent: 1_800_000_000, at: 1_800_000_001, octets: text(`broadcast ${index}`) };
  return {
    kind: "hear",
    broadcast: { source, ...facts },
    once: { ...source, heard: octets(16, index) },
    most: 100_000,
  };
}

export function custody(
  index: number,
  options: { readonly hint?: number; readonly until?: StoreTime; readonly size?: number } = {},
): Extract<StoreOperation, { readonly kind: "custody-put" }> {
  const to =
    options.hint === undefined
      ? ({ kind: "address", address: address(index) } as const)
      : ({ kind: "hint", hint: id(options.hint) } as const);
  const facts = { from: address(1), isSenders: false, priority: 2, until: options.until ?? until, copies: 8 };
  const envelope = octets(options.size ?? 120, index);
  return { kind: "custody-put", custody: { name: keptName(index), to, ...facts }, envelope };
}

/** What came of the operations in a new store, and the store, opened again. */
export async function reopened(
  { path }: StoreFolder,
  ...operations: readonly StoreOperation[]
): Promise<{ readonly kinds: readonly string[]; readonly store: MessageStore }> {
  let kinds: readonly string[] = [];
  {
    await using store = await openStore(path);
    kinds = (await committed(store, ...operations)).map(({ kind }) => kind);
  }
  return { kinds, store: await openStore(path) };
}

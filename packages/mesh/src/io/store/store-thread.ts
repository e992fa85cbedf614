/**
 * The store of messages as its owner sees it: groups of operations that are on the disk when they are answered with "committed", and
 * reads. No SQL is run and no disk waited for on the owner's thread.
 *
 * The file is in the node's state folder and its owner's alone (0600). Secrets are in it: prekeys, the state of chains, and what
 * messages say. Whoever has the file can read what was sealed to its prekeys and along its chains from there on, and nothing before.
 * What is removed is overwritten in the file; of what the disk keeps elsewhere nothing can be promised.
 */
import { Worker } from "node:worker_threads";
import type { Clock } from "@ropewalk/kernel/clock";
import { describeError, InternalError } from "@ropewalk/kernel/errors";
import { type Bytes, type Millis, seconds } from "@ropewalk/kernel/units";
import { MeshError } from "../../errors.ts";
import type { StoreAnswer, StoreOperation, StoreRefusal } from "../../pure/messages/store-operations.ts";
import type {
  PageText,
  StorePage,
  StorePages,
  StoreQuestion,
  StoreReading,
  StoreReply,
  UnansweredWhy,
} from "../../pure/messages/store-questions.ts";
import { WaitingGroups } from "../../pure/messages/waiting-groups.ts";
import { OperationPacker, type PackedOperations } from "./packed-operations.ts";
import { rowsOfPage } from "./page-text.ts";
import { usualReserve } from "./reserve.ts";
import type { FromStore, OpenedFile, StoreEvent, StoreThreadOptions, ToStore } from "./store-messages.ts";

const isSource: boolean = import.meta.url.endsWith(".ts");
const program: URL = new URL(`./store-worker-main.${isSource ? "ts" : "js"}`, import.meta.url);

/** To send a batch takes the owner a millisecond or two. */
const bounds = {
  waiting: { operations: 32_768, octets: 16_777_216 },
  batch: { operations: 512, octets: 1_048_576 },
};
const mostReads = 256;
const usualPatience = seconds(5);
/** How long it may take to write what waits and to close the file. */
const longestEnd = seconds(5);

export interface StoreOptions {
  readonly path: string;
  /** Room that is kept on the disk for what removes. */
  readonly reserve?: Bytes;
}

export interface StoreDeps {
  readonly clock: Clock;
  readonly onEvent: (event: StoreEvent) => void;
  /** The thread ended before it was disposed of; all is refused from then on. */
  readonly onDeath: (error: MeshError) => void;
}

interface Written extends PackedOperations {
  readonly settle: (answer: StoreAnswer) => void;
}

type AnyReading = StoreReading<StoreReply[StoreQuestion["kind"]]>;

export class MessageStore implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #deps: StoreDeps;
  readonly #packer = new OperationPacker();
  readonly #waiting = new WaitingGroups<Written>(bounds);
  readonly #reads = new Map<number, (reading: AnyReading) => void>();
  readonly #opening = Promise.withResolvers<OpenedFile>();
  #opened: OpenedFile | undefined;
  #underWay: readonly Written[] = [];
  #idle: PromiseWithResolvers<void> | undefined;
  #lastRead = 0;
  #state: "open" | "closing" | "dead" = "open";

  /** Throws MeshError: MESH_STORE, MESH_STORE_HELD. */
  static async open({ path, reserve = usualReserve }: StoreOptions, deps: StoreDeps): Promise<MessageStore> {
    const store = new MessageStore({ path, reserve }, deps);
    try {
      store.#opened = await store.#opening.promise;
      return store;
    } catch (error) {
      await store[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(workerData: StoreThreadOptions, deps: StoreDeps) {
    this.#deps = deps;
    this.#worker = new Worker(program, { name: "messages", workerData });
    this.#worker.on("message", (message: FromStore) => this.#onMessage(message));
    this.#worker.on("error", (error) => this.#die(error));
    this.#worker.on("exit", () => this.#die(undefined));
  }

  /** How it was found. */
  get opened(): OpenedFile {
    if (this.#opened === undefined) throw new InternalError("a store has been found somehow once it is open");
    return this.#opened;
  }

  /** Done whole or not at all, in the order of the calls; copied before it returns. Never rejects. */
  write(operations: readonly StoreOperation[]): Promise<StoreAnswer> {
    if (this.#state !== "open") return Promise.resolve(refusal("closed", "the store is closed"));
    const { promise, resolve } = Promise.withResolvers<StoreAnswer>();
    const group = { ...this.#packer.pack(operations), settle: resolve };
    const weight = { operations: operations.length, octets: group.octets };
    if (!this.#waiting.offer(group, weight)) resolve(refusal("busy", "as much waits for the disk as may"));
    // What is written in the same turn goes together.
    else if (this.#waiting.size === 1) queueMicrotask(() => this.#sendNext());
    return promise;
  }

  /** What was committed before the call is seen. Never rejects. */
  async read<Question extends StoreQuestion>(
    question: Question,
    within: Millis = usualPatience,
  ): Promise<StoreReading<StoreReply[Question["kind"]]>> {
    if (this.#state !== "open") return unread("closed", "the store is closed");
    if (this.#reads.size >= mostReads) return unread("busy", `${mostReads} reads are under way`);
    this.#lastRead += 1;
    const id = this.#lastRead;
    const { promise, resolve } = Promise.withResolvers<AnyReading>();
    this.#reads.set(id, resolve);
    const late = () => resolve(unread("late", `no answer within ${within} ms`));
    using _limit = this.#deps.clock.after("read of the store", within, late);
    this.#send({ kind: "ask", id, question });
    try {
      return (await promise) as StoreReading<StoreReply[Question["kind"]]>;
    } finally {
      this.#reads.delete(id);
    }
  }

  /** All rows of a kind, page by page, the next being read already. Throws MeshError, MESH_STORE, where one cannot be read. */
  async *pages<Kind extends keyof StorePages>(of: Kind): AsyncGenerator<readonly StorePages[Kind][], void> {
    const ask = (after: number | undefined) =>
      after === undefined ? undefined : this.read({ kind: "page", of, after });
    for (let asked = ask(0); asked !== undefined; ) {
      const reading = await asked;
      if (reading.kind === "unread") throw new MeshError("MESH_STORE", `the store cannot be read: ${reading.why}`);
      const page = reading.value as StorePage<StorePages[Kind]> | PageText;
      asked = ask(page.next);
      yield rowsOfPage(of, page);
    }
  }

  /** What waits is written first. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state !== "open") return;
    this.#state = "closing";
    // Not by `once` of node:events, which rejects where the thread dies on its way to the end.
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    this.#worker.once("exit", () => resolve());
    const { clock } = this.#deps;
    using _limit = clock.after("end of the store's thread", longestEnd, () => void this.#worker.terminate());
    if (this.#underWay.length > 0 || this.#waiting.size > 0) {
      this.#idle = Promise.withResolvers<void>();
      await Promise.race([this.#idle.promise, ended]);
    }
    this.#send({ kind: "stop" });
    await ended;
  }

  #sendNext(): void {
    if (this.#underWay.length > 0 || this.#state === "dead") return;
    this.#underWay = this.#waiting.take();
    if (this.#underWay.length === 0) {
      this.#idle?.resolve();
      return;
    }
    this.#send({ kind: "batch", groups: this.#underWay.map(({ operations }) => operations) });
  }

  #send(message: ToStore): void {
    this.#worker.postMessage(message);
  }

  #onMessage(message: FromStore): void {
    switch (message.kind) {
      case "opened":
        this.#opening.resolve(message.opened);
        return;
      case "unopened":
        this.#opening.reject(new MeshError(message.code, message.reason));
        return;
      case "settled":
        this.#settle(message.answers);
        return;
      case "answer":
        this.#reads.get(message.id)?.(message.reading);
        return;
      case "event":
        this.#deps.onEvent(message.event);
        return;
    }
  }

  #settle(answers: readonly StoreAnswer[]): void {
    const settled = this.#underWay;
    this.#underWay = [];
    // The thread is not to wait for who is told.
    this.#sendNext();
    for (const [index, { settle }] of settled.entries())
      settle(answers[index] ?? refusal("failed", "the store's thread did not say what came of it"));
  }

  #die(cause: unknown): void {
    if (this.#state === "dead") return;
    const wasOpen = this.#state === "open";
    this.#state = "dead";
    const why = cause === undefined ? "it ended by itself" : describeError(cause);
    const error = new MeshError("MESH_STORE", `the thread of the store of messages has died: ${why}`, { cause });
    this.#opening.reject(error);
    for (const settle of this.#reads.values()) settle(unread("closed", error.message));
    for (let groups = this.#underWay; groups.length > 0; groups = this.#waiting.take())
      for (const { settle } of groups) settle(refusal("closed", error.message));
    this.#underWay = [];
    if (wasOpen && this.#opened !== undefined) this.#deps.onDeath(error);
  }
}

function refusal(reason: StoreRefusal, why: string): StoreAnswer {
  return { kind: "refused", reason, why };
}

function unread(reason: UnansweredWhy, why: string): Extract<AnyReading, { readonly kind: "unread" }> {
  return { kind: "unread", reason, why };
}

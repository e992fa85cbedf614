/** The handshake thread as its owner sees it: it is started with an identity, may be given another, and takes handshakes. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { handOver } from "@ropewalk/host/linux/hand-over";
import { createNative, type Native } from "@ropewalk/host/linux/native";
import { joined } from "@ropewalk/kernel/bytes";
import type { Clock } from "@ropewalk/kernel/clock";
import { describeError, InternalError } from "@ropewalk/kernel/errors";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { TunnelError } from "../errors.ts";
import type { Role } from "../pure/handshake/message.ts";
import { HandshakeConnection, type HandshakeEvents } from "./handshake-connection.ts";
import type { IdentityFacts, IdentityFiles } from "./identity.ts";
import type { FromThread, HandshakeTask, ThreadOptions, ToThread } from "./thread-messages.ts";

const isSource: boolean = import.meta.url.endsWith(".ts");
const program: URL = new URL(`./handshake-worker-main.${isSource ? "ts" : "js"}`, import.meta.url);

/** How long it may take to cut off what is under way. */
const longestEnd = seconds(3);

export interface ThreadEvents {
  /** The thread ended before it was disposed of. */
  readonly onDeath: (error: TunnelError) => void;
  /** Something failed that is no reason to stop; for the log. */
  readonly onTrouble: (reason: string) => void;
}

export class HandshakeThread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #native: Native = createNative();
  readonly #clock: Clock = createSystemClock();
  readonly #events: ThreadEvents;
  #waiting: PromiseWithResolvers<IdentityFacts> | undefined;
  #facts: IdentityFacts | undefined;
  #isClosing = false;

  /** Throws TunnelError: TUNNEL_IDENTITY. */
  static async start(files: IdentityFiles, events: ThreadEvents, options: ThreadOptions): Promise<HandshakeThread> {
    const thread = new HandshakeThread(events, options);
    try {
      await thread.use(files);
      return thread;
    } catch (error) {
      await thread[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(events: ThreadEvents, workerData: ThreadOptions) {
    this.#events = events;
    this.#worker = new Worker(program, { name: "handshakes", workerData });
    this.#worker.on("message", (message: FromThread) => this.#onMessage(message));
    this.#worker.on("error", (error) => this.#die(error));
    this.#worker.on("exit", () => this.#die(undefined));
  }

  /** What is in use. */
  get facts(): IdentityFacts {
    if (this.#facts === undefined) throw new InternalError("a handshake thread has facts once it was started");
    return this.#facts;
  }

  /**
   * From the next handshake on. What cannot be used changes nothing, nor, where `fitFor` says a role, what a peer in its right mind
   * would refuse. Throws TunnelError: TUNNEL_IDENTITY, TUNNEL_THREAD.
   */
  async use(files: IdentityFiles, fitFor?: Role): Promise<IdentityFacts> {
    if (this.#waiting !== undefined)
      throw new InternalError("a handshake thread was given an identity while it read one");
    this.#waiting = Promise.withResolvers<IdentityFacts>();
    this.#send({ kind: "use", files, fitFor });
    this.#facts = await this.#waiting.promise;
    return this.#facts;
  }

  /** Takes the socket over, `early` being what was read from it, and begins a handshake on its connection. */
  begin(
    task: HandshakeTask,
    socket: Socket,
    events: HandshakeEvents,
    early: readonly Uint8Array[] = [],
  ): HandshakeConnection {
    socket.setNoDelay(true);
    return this.#begin(task, events, () => {
      const { fd, unread } = handOver(this.#native, socket);
      return { fd, early: joined(...early, ...unread) };
    });
  }

  /** As `begin`, with the descriptor of a connection of which nothing was read. */
  beginOn(task: HandshakeTask, fd: number, events: HandshakeEvents): HandshakeConnection {
    return this.#begin(task, events, () => ({ fd, early: new Uint8Array() }));
  }

  #begin(
    task: HandshakeTask,
    events: HandshakeEvents,
    take: () => { readonly fd: number; readonly early: Uint8Array },
  ): HandshakeConnection {
    const { port1, port2 } = new MessageChannel();
    try {
      const { fd, early } = take();
      if (this.#isClosing) {
        this.#native.close(fd);
        port2.close();
      } else {
        this.#send({ kind: "begin", task, fd, early, port: port2 }, [port2]);
      }
    } catch (error) {
      // Such as too many open files: this connection is lost, and no other.
      events.onTrouble?.(describeError(error));
      port2.close();
    }
    return new HandshakeConnection(port1, events);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    const ended = once(this.#worker, "exit");
    this.#send({ kind: "stop" });
    using limit = this.#clock.after("end of the handshake thread", longestEnd, () => void this.#worker.terminate());
    await ended;
    limit[Symbol.dispose]();
  }

  #send(message: ToThread, transfer: MessagePort[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #onMessage(message: FromThread): void {
    if (message.kind === "trouble") {
      this.#events.onTrouble(message.reason);
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (message.kind === "using") waiting?.resolve(message.facts);
    else waiting?.reject(new TunnelError("TUNNEL_IDENTITY", message.reason));
  }

  #die(cause: unknown): void {
    const why = cause === undefined ? "it ended by itself" : describeError(cause);
    const error = new TunnelError("TUNNEL_THREAD", `the thread that runs handshakes has died: ${why}`, { cause });
    this.#waiting?.reject(error);
    this.#waiting = undefined;
    if (!this.#isClosing) this.#events.onDeath(error);
    this.#isClosing = true;
  }
}

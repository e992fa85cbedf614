/**
 * Reads the kernel's tables over a socket of its own. The kernel makes the next part of a dump when the last was read, so
 * reading never blocks: `dumpNow` reads all in one go, `dumpInSlices` gives the event loop back every few milliseconds.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Clock, sleep } from "@ropewalk/kernel/clock";
import { millis } from "@ropewalk/kernel/units";
import { HostError } from "../errors.ts";
import { type Ack, decodeAck } from "../netlink/ack.ts";
import { isMalformed, type Malformed, malformed } from "../netlink/malformed.ts";
import { type NetlinkMessage, NLM_F, NLMSG, splitMessages } from "../netlink/message.ts";
import { type DumpSubject, encodeDumpRequest, encodeLinkRequest } from "../netlink/requests.ts";
import { ERRNO, type Native } from "./native.ts";
import { openRequestSocket } from "./netlink-socket.ts";

/** `interrupted`: the tables changed while they were read (NLM_F_DUMP_INTR), so objects may be missing. */
export type DumpResult = "complete" | "interrupted";

export interface DumpSink {
  /** The message is valid during the call only. */
  readonly onMessage: (message: NetlinkMessage) => void;
  readonly onMalformed: (fault: Malformed) => void;
}

/** The kernel fills parts of at most 32 KiB (netlink_dump of net/netlink/af_netlink.c). */
const receiveBufferLength = 64 * 1024;
const sliceMillis = 2;
const longestDumpMillis = 30_000;
const EOPNOTSUPP = 95;

/** Reads the subject to its end. Throws HOST_NETLINK when the kernel refuses. */
export function dumpNow(native: Native, subject: DumpSubject, sink: DumpSink): DumpResult {
  using exchange = new Exchange(native, sink);
  exchange.startDump(subject);
  exchange.readAll();
  return exchange.result;
}

/** Reads one link; the sink gets nothing when there is no link of that name. Throws HOST_NETLINK. */
export function readLinkNow(native: Native, name: string, sink: DumpSink): void {
  using exchange = new Exchange(native, sink);
  exchange.startLink(name);
  exchange.readAll();
}

/** Reads each subject to its end, in slices. Rejects with the signal's reason when that aborts first. */
export async function dumpInSlices(
  native: Native,
  clock: Clock,
  subjects: readonly DumpSubject[],
  sink: DumpSink,
  signal: AbortSignal,
): Promise<DumpResult> {
  using exchange = new Exchange(native, sink);
  const started = clock.now();
  let sliceEnd = started + sliceMillis;
  for (const subject of subjects) {
    exchange.startDump(subject);
    while (!exchange.isDone) {
      const hasRead = exchange.read();
      if (hasRead && clock.now() < sliceEnd) continue;
      if (clock.now() - started > longestDumpMillis) {
        throw new HostError("HOST_NETLINK", `the kernel's dump of ${subject} took longer than ${longestDumpMillis} ms`);
      }
      if (hasRead) await nextTurn();
      else await sleep(clock, "netlink dump", millis(1), signal);
      signal.throwIfAborted();
      sliceEnd = clock.now() + sliceMillis;
    }
  }
  return exchange.result;
}

class Exchange {
  readonly #native: Native;
  readonly #fd: number;
  readonly #sink: DumpSink;
  readonly #buffer = new Uint8Array(receiveBufferLength);
  #sequence = 0;
  #subject = "";
  #harmlessErrno = 0;
  isDone = true;
  result: DumpResult = "complete";

  constructor(native: Native, sink: DumpSink) {
    this.#native = native;
    this.#sink = sink;
    this.#fd = openRequestSocket(native);
  }

  startDump(subject: DumpSubject): void {
    // Kernels before 5.3 have no nexthop objects.
    this.#start(subject, subject === "next-hops" ? EOPNOTSUPP : 0, encodeDumpRequest(subject, this.#sequence + 1));
  }

  startLink(name: string): void {
    this.#start(`link ${name}`, ERRNO.ENODEV, encodeLinkRequest(name, this.#sequence + 1));
  }

  readAll(): void {
    while (!this.isDone) {
      if (!this.read()) throw new HostError("HOST_NETLINK", `the kernel did not end its answer about ${this.#subject}`);
    }
  }

  /** Reads one part; false when there is none to read yet. */
  read(): boolean {
    const length = this.#native.receive(this.#fd, this.#buffer);
    if (length === -ERRNO.EAGAIN) return false;
    if (length === -ERRNO.EINTR) return true;
    if (length < 0) throw this.#refused(-length, undefined);
    const { messages, fault } = splitMessages(this.#buffer.subarray(0, length));
    for (const message of messages) if (message.sequence === this.#sequence) this.#take(message);
    // A part that fills the buffer to the brim was cut off by it.
    const cut = length === this.#buffer.length ? malformed("a part of a dump larger than the buffer") : fault;
    if (cut !== undefined) this.#broken(cut);
    return true;
  }

  [Symbol.dispose](): void {
    this.#native.close(this.#fd);
  }

  #start(subject: string, harmlessErrno: number, request: Uint8Array): void {
    this.#subject = subject;
    this.#harmlessErrno = harmlessErrno;
    this.#sequence += 1;
    this.isDone = false;
    const sent = this.#native.send(this.#fd, request);
    if (sent < 0) throw this.#refused(-sent, undefined);
  }

  #take(message: NetlinkMessage): void {
    if ((message.flags & NLM_F.DUMP_INTR) !== 0) this.result = "interrupted";
    if (message.type === NLMSG.DONE || message.type === NLMSG.ERROR) this.#end(decodeAck(message));
    else this.#sink.onMessage(message);
  }

  #end(ack: Ack | Malformed): void {
    this.isDone = true;
    if (isMalformed(ack)) this.#broken(ack);
    else if (ack.errno !== 0 && ack.errno !== this.#harmlessErrno) throw this.#refused(ack.errno, ack);
  }

  #broken(fault: Malformed): void {
    this.#sink.onMalformed(fault);
    this.result = "interrupted";
  }

  #refused(errno: number, ack: Ack | undefined): HostError {
    const words = ack?.text === undefined ? "" : `: ${ack.text}`;
    const place = ack?.offset === undefined ? "" : ` at octet ${ack.offset} of the request`;
    return new HostError(
      "HOST_NETLINK",
      `the kernel refused to tell of ${this.#subject} (errno ${errno}${words}${place})`,
      {
        errno,
      },
    );
  }
}

/**
 * One dump of the kernel's tables over a socket of its own. The kernel makes the next part when the last was read, so
 * reading never blocks: `dumpNow` reads all in one go, `dumpInSlices` gives the event loop back every few milliseconds.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "@ropewalk/kernel/clock";
import { HostError } from "../errors.ts";
import { type Ack, decodeAck } from "../netlink/ack.ts";
import { isMalformed, type Malformed, malformed } from "../netlink/malformed.ts";
import { type NetlinkMessage, NLM_F, NLMSG, splitMessages } from "../netlink/message.ts";
import { type DumpSubject, encodeDumpRequest } from "../netlink/requests.ts";
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
const longestDumpMillis = 10_000;
const EOPNOTSUPP = 95;

/** Reads each subject to its end. Throws HOST_NETLINK when the kernel refuses. */
export function dumpNow(native: Native, subjects: readonly DumpSubject[], sink: DumpSink): DumpResult {
  using dump = new Dump(native, sink);
  for (const subject of subjects) {
    dump.start(subject);
    while (!dump.isDone) {
      if (!dump.read()) throw new HostError("HOST_NETLINK", `the kernel did not end its dump of ${subject}`);
    }
  }
  return dump.result;
}

/** As `dumpNow`, in slices. Rejects with the signal's reason when that aborts first. */
export async function dumpInSlices(
  native: Native,
  clock: Clock,
  subjects: readonly DumpSubject[],
  sink: DumpSink,
  signal: AbortSignal,
): Promise<DumpResult> {
  using dump = new Dump(native, sink);
  const started = clock.now();
  let sliceEnd = started + sliceMillis;
  for (const subject of subjects) {
    dump.start(subject);
    while (!dump.isDone) {
      const hasRead = dump.read();
      if (hasRead && clock.now() < sliceEnd) continue;
      if (clock.now() - started > longestDumpMillis) {
        throw new HostError("HOST_NETLINK", `the kernel's dump of ${subject} took longer than ${longestDumpMillis} ms`);
      }
      await nextTurn();
      signal.throwIfAborted();
      sliceEnd = clock.now() + sliceMillis;
    }
  }
  return dump.result;
}

class Dump {
  readonly #native: Native;
  readonly #fd: number;
  readonly #sink: DumpSink;
  readonly #buffer = new Uint8Array(receiveBufferLength);
  #sequence = 0;
  #subject: DumpSubject = "links";
  isDone = true;
  result: DumpResult = "complete";

  constructor(native: Native, sink: DumpSink) {
    this.#native = native;
    this.#sink = sink;
    this.#fd = openRequestSocket(native);
  }

  start(subject: DumpSubject): void {
    this.#subject = subject;
    this.#sequence += 1;
    this.isDone = false;
    const sent = this.#native.send(this.#fd, encodeDumpRequest(subject, this.#sequence));
    if (sent < 0) throw this.#refused(-sent, undefined);
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
    const cut = length === this.#buffer.length ? malformed("a part of a dump larger than the buffer") : undefined;
    if ((fault ?? cut) !== undefined) {
      this.#sink.onMalformed(fault ?? cut ?? malformed(""));
      this.result = "interrupted";
    }
    return true;
  }

  [Symbol.dispose](): void {
    this.#native.close(this.#fd);
  }

  #take(message: NetlinkMessage): void {
    if ((message.flags & NLM_F.DUMP_INTR) !== 0) this.result = "interrupted";
    if (message.type === NLMSG.DONE || message.type === NLMSG.ERROR) this.#end(decodeAck(message));
    else this.#sink.onMessage(message);
  }

  #end(ack: Ack | Malformed): void {
    this.isDone = true;
    if (isMalformed(ack)) {
      this.#sink.onMalformed(ack);
      this.result = "interrupted";
      return;
    }
    const isUnknownToKernel = ack.errno === EOPNOTSUPP && this.#subject === "next-hops";
    if (ack.errno !== 0 && !isUnknownToKernel) throw this.#refused(ack.errno, ack);
  }

  #refused(errno: number, ack: Ack | undefined): HostError {
    const words = ack?.text === undefined ? "" : `: ${ack.text}`;
    const place = ack?.offset === undefined ? "" : ` at octet ${ack.offset} of the request`;
    return new HostError(
      "HOST_NETLINK",
      `the kernel refused to list ${this.#subject} (errno ${errno}${words}${place})`,
      {
        errno,
      },
    );
  }
}

/**
 * The watch of the real kernel: joins the event groups before the first dump, so that nothing falls between, and from
 * then on follows events. What events cannot be trusted with (carriers, lost messages, routes that the kernel drops in
 * silence) is left to the carrier poll and the resync.
 */
import type { Clock } from "@ropewalk/kernel/clock";
import type { NetworkFacts } from "../facts.ts";
import { decodeEvent } from "../netlink/event.ts";
import { isMalformed } from "../netlink/malformed.ts";
import { splitMessages } from "../netlink/message.ts";
import type { DumpSubject } from "../netlink/requests.ts";
import type { NetworkChange, NetworkWatch, NetworkWatchCounts, NetworkWatchOptions } from "../ports.ts";
import { ChangeFeed, type ChangeOrigin } from "../tables/change-feed.ts";
import type { NetworkEvent } from "../tables/network-event.ts";
import { NetworkTable } from "../tables/network-table.ts";
import { CarrierFiles } from "./carrier-files.ts";
import { CarrierPoll } from "./carrier-poll.ts";
import { ERRNO, type Native } from "./native.ts";
import { type DumpResult, dumpInSlices } from "./netlink-dump.ts";
import { isFromKernel, networkGroups, openEventSocket, senderBuffer } from "./netlink-socket.ts";
import { Resync, type ResyncScope } from "./resync.ts";

const socketBuffer = 8 * 1024 * 1024;
/** No event message comes near this; one that fills it was cut off. */
const receiveBufferLength = 256 * 1024;
/** Reads before the event loop gets its turn; the socket stays readable. */
const mostReadsPerTurn = 2048;
const firstDumpTries = 5;
const subjects: Readonly<Record<ResyncScope, readonly DumpSubject[]>> = {
  all: ["links", "link-settings", "addresses", "next-hops", "routes"],
  routes: ["next-hops", "routes"],
};

/** Resolves with a complete picture. The caller disposes the watch. Throws HOST_NETLINK. */
export async function createNetworkWatch(
  native: Native,
  clock: Clock,
  options: NetworkWatchOptions,
): Promise<NetworkWatch> {
  const watch = new LinuxNetworkWatch(native, clock, options);
  try {
    await watch.start();
    return watch;
  } catch (error) {
    await watch[Symbol.asyncDispose]();
    throw error;
  }
}

class LinuxNetworkWatch implements NetworkWatch {
  readonly #native: Native;
  readonly #clock: Clock;
  readonly #options: NetworkWatchOptions;
  readonly #fd: number;
  readonly #buffer = new Uint8Array(receiveBufferLength);
  readonly #sender = senderBuffer();
  readonly #table: NetworkTable;
  readonly #feed: ChangeFeed;
  readonly #files = new CarrierFiles("/sys");
  readonly #poll: CarrierPoll;
  readonly #resync: Resync;
  #readable: Disposable | undefined;
  #isOpen = true;
  #messages = 0;
  #undecodable = 0;
  #resyncs = 0;

  constructor(native: Native, clock: Clock, options: NetworkWatchOptions) {
    this.#native = native;
    this.#clock = clock;
    this.#options = options;
    this.#table = new NetworkTable(options.keepRoute);
    this.#feed = new ChangeFeed(this.#table, clock);
    const drainEvents = () => this.#drain();
    const onEdge = (ifindex: number, hasCarrier: boolean) => this.#polledEdge(ifindex, hasCarrier);
    this.#poll = new CarrierPoll({ facts: () => this.facts, drainEvents, onEdge }, this.#files, clock);
    this.#resync = new Resync(
      {
        createTable: () => new NetworkTable(options.keepRoute),
        dumpInto: (table, scope, signal) => this.#dumpInto(table, scope, signal),
        drainEvents,
        adopt: (table, scope, cause) => this.#adopt(table, scope, cause),
      },
      clock,
    );
    this.#fd = openEventSocket(native, networkGroups, socketBuffer);
  }

  /** The first dump. Events that arrive meanwhile wait in the socket and are applied on top of it. */
  async start(): Promise<void> {
    const never = new AbortController().signal;
    for (let attempt = 1; ; attempt += 1) {
      const table = new NetworkTable(this.#options.keepRoute);
      const result = await this.#dumpInto(table, "all", never);
      if (result === "interrupted" && attempt < firstDumpTries) continue;
      this.#table.adopt(table, this.#clock.now());
      // On a machine that changes all the time a picture with gaps is better than none: they are filled at once.
      if (result === "interrupted") this.#resync.request("all", "the first dump was interrupted");
      break;
    }
    this.#drain();
    this.#readable = this.#native.watchReadable(this.#fd, () => {
      this.#drain();
      this.#poll.refresh();
    });
    this.#poll.refresh();
  }

  get facts(): NetworkFacts {
    return this.#table.facts;
  }

  get counts(): NetworkWatchCounts {
    return {
      messages: this.#messages,
      undecodable: this.#undecodable,
      resyncs: this.#resyncs,
      carrierPolls: this.#poll.polls,
      carrierEdgesByPoll: this.#poll.edges,
      unpolledLinks: this.#files.unreadable,
    };
  }

  subscribe(listener: (change: NetworkChange) => void): Disposable {
    return this.#feed.subscribe(listener);
  }

  catchUp(): void {
    this.#drain();
  }

  pollClosely(ifindexes: ReadonlySet<number>): void {
    this.#poll.pollClosely(ifindexes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#feed.close();
    this.#resync[Symbol.dispose]();
    this.#poll[Symbol.dispose]();
    this.#readable?.[Symbol.dispose]();
    this.#native.close(this.#fd);
  }

  /** Applies what the kernel has queued, then tells the listeners. True when nothing is left. */
  #drain(): boolean {
    if (!this.#isOpen) return true;
    let isEmpty = false;
    for (let reads = 0; reads < mostReadsPerTurn && !isEmpty; reads += 1) isEmpty = this.#readOne();
    this.#feed.flush();
    return isEmpty;
  }

  /** True when there was nothing to read. */
  #readOne(): boolean {
    const length = this.#native.receiveFrom(this.#fd, this.#buffer, this.#sender);
    if (length === -ERRNO.EAGAIN) return true;
    if (length === -ERRNO.EINTR) return false;
    if (length < 0) this.#lost(-length);
    else if (isFromKernel(this.#sender)) this.#receive(this.#buffer.subarray(0, length));
    return false;
  }

  #lost(errno: number): void {
    const cause =
      errno === ERRNO.ENOBUFS ? "the kernel dropped events (ENOBUFS)" : `reading events failed (errno ${errno})`;
    this.#resync.request("all", cause);
  }

  #receive(bytes: Uint8Array): void {
    const { messages, fault } = splitMessages(bytes);
    for (const message of messages) {
      this.#messages += 1;
      const event = decodeEvent(message);
      if (event === undefined) continue;
      if (isMalformed(event)) this.#undecodable += 1;
      else this.#apply(event, "events");
    }
    if (fault === undefined && bytes.length < receiveBufferLength) return;
    this.#undecodable += 1;
    this.#resync.request("all", "an event was cut short");
  }

  #apply(event: NetworkEvent, origin: ChangeOrigin): void {
    this.#resync.record(event);
    if (this.#feed.apply(event, origin)) this.#resync.request("routes", "routes may have changed without an event");
  }

  #polledEdge(ifindex: number, hasCarrier: boolean): void {
    this.#apply({ kind: "carrier", ifindex, hasCarrier }, "carrier-poll");
    this.#feed.flush();
  }

  #dumpInto(table: NetworkTable, scope: ResyncScope, signal: AbortSignal): Promise<DumpResult> {
    const sink = {
      onMessage: (message: Parameters<typeof decodeEvent>[0]) => {
        const event = decodeEvent(message);
        if (event === undefined) return;
        if (isMalformed(event)) this.#undecodable += 1;
        else table.apply(event, this.#clock.now());
      },
      onMalformed: () => {
        this.#undecodable += 1;
      },
    };
    return dumpInSlices(this.#native, this.#clock, subjects[scope], sink, signal);
  }

  #adopt(table: NetworkTable, scope: ResyncScope, cause: string): void {
    if (scope === "all") {
      this.#table.adopt(table, this.#clock.now());
      this.#resyncs += 1;
      this.#feed.resynced(cause);
    } else {
      this.#feed.changed(this.#table.adoptRoutes(table));
      this.#feed.flush();
    }
    this.#poll.refresh();
  }
}

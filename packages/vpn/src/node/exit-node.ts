/**
 * An exit of the VPN: takes orders, stores what it has taken, carries it out, and answers then. What is asked for while it is at work goes together in
 * one write to each of store, device, firewall and table of connections. Leases end by themselves.
 */
import { setImmediate as immediately } from "node:timers/promises";
import { endpointsAgain } from "@ropewalk/host/wireguard/peer-drift";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { Listeners } from "@ropewalk/kernel/listeners";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { Log } from "@ropewalk/ops/log";
import { VpnError } from "../errors.ts";
import type { ExitNodeStatus } from "./exit-status.ts";
import { LeaseStore } from "./lease-store.ts";
import { openTable } from "./open-table.ts";
import { PeerWriter, type PeerWriterDeps } from "./peer-writer.ts";
import type { Held } from "./pure/held.ts";
import type { LeaseTable } from "./pure/lease-table.ts";
import type { Generation, Order, Snapshot } from "./pure/order.ts";
import { type OrderAnswer, OrderBatch, type SnapshotAnswer } from "./pure/order-batch.ts";
import { isInPools } from "./pure/pool-member.ts";
import { type ReconcileOutcome, Reconciler } from "./reconciler.ts";
import { Troubles } from "./troubles.ts";
import { type WaitingCall, WaitingCalls } from "./waiting-calls.ts";

export interface ExitNodeOptions extends Omit<PeerWriterDeps, "troubles" | "clock"> {
  /** The folder above must be there. */
  readonly storePath: string;
  /** New with each start of the machine. */
  readonly kernelBoot: string;
  /** The machine's: it goes on when the program starts again. */
  readonly clock: Clock;
  /** How many peers it is made for, as others are told. */
  readonly capacity: number;
  /** For how long an address rests that somebody had; a second at least. */
  readonly quarantine: Millis;
  /** From one comparison of the device to the next; undefined: half a minute. */
  readonly reconcileEvery?: Millis;
  readonly log: Log;
}

export type { ExitNodeStatus };

/** What is tracked of an address ends sooner, as a rule: until then it is given to nobody. */
const leastQuarantine = millis(1_000);
/** Leases that end are taken off the device together, this much apart. */
const sweepEvery = millis(250);

/** Stored, and to be answered when it is done. */
interface JudgedCall {
  readonly answer: () => void;
  readonly fail: (error: unknown) => void;
}

export class ExitNode implements AsyncDisposable {
  #options: ExitNodeOptions;
  readonly #store: LeaseStore;
  readonly #table: LeaseTable;
  readonly #writer: PeerWriter;
  readonly #troubles: Troubles;
  readonly #listeners: Listeners<[]>;
  readonly #reconciler: Reconciler;
  readonly #waiting = new WaitingCalls();
  #isClosed = false;
  /** A lease is over, or something is to be tried again. */
  #isSweepDue = false;
  #turns: Promise<void> | undefined;
  #isDoubtful = false;
  #sweepTimer: Timer | undefined;

  /**
   * Opens the store, and puts firewall and device right by what it holds. Throws OpsError, OPS_STORE_*; WireGuardError; VpnError, VPN_UNDONE. Device,
   * firewall and flows are the caller's.
   */
  static async open(given: ExitNodeOptions): Promise<ExitNode> {
    const options = { ...given, quarantine: quarantineOf(given) };
    const { storePath: path, kernelBoot, clock, log, device } = options;
    using unwinding = new DisposableStack();
    const store = unwinding.use(LeaseStore.open({ path, kernelBoot, clock }));
    const { setAside } = store;
    if (setAside !== undefined) log.error({ ...setAside }, "the store of leases was damaged, and is set aside");
    const begun = clock.now();
    const state = await device.read();
    const table = await openTable(store, state, options);
    const listeners = new Listeners<[]>();
    const troubles = new Troubles(() => listeners.emit());
    const writer = new PeerWriter(table, { ...options, troubles });
    const drift = await writer.begin(state);
    unwinding.move();
    const node = new ExitNode(options, { store, table, writer, troubles, listeners });
    node.#reconciler.note(drift, begun);
    node.#armSweep();
    return node;
  }

  private constructor(
    options: ExitNodeOptions,
    parts: {
      readonly store: LeaseStore;
      readonly table: LeaseTable;
      readonly writer: PeerWriter;
      readonly troubles: Troubles;
      readonly listeners: Listeners<[]>;
    },
  ) {
    this.#options = options;
    this.#store = parts.store;
    this.#table = parts.table;
    this.#writer = parts.writer;
    this.#troubles = parts.troubles;
    this.#listeners = parts.listeners;
    const onDone = ({ unordered }: ReconcileOutcome) => {
      if (unordered > 0) this.#isDoubtful = true;
      this.#listeners.emit();
    };
    const { clock, log, reconcileEvery: every } = options;
    this.#reconciler = new Reconciler({ clock, log, every, writer: parts.writer, onDone });
  }

  /**
   * One answer for each, in their order, when all that was taken is on the disk and done. Throws VpnError: VPN_BUSY, VPN_STORE, VPN_CLOSED; VPN_UNDONE
   * says that what was taken is stored, and is done later: asked again, the same orders are answered when it is.
   */
  apply(orders: readonly Order[]): Promise<readonly OrderAnswer[]> {
    const settle = Promise.withResolvers<readonly OrderAnswer[]>();
    return this.#ask({ kind: "orders", orders, settle }, settle.promise);
  }

  /** Throws as `apply` does. */
  applySnapshot(snapshot: Snapshot): Promise<SnapshotAnswer> {
    const settle = Promise.withResolvers<SnapshotAnswer>();
    return this.#ask({ kind: "snapshot", snapshot, settle }, settle.promise);
  }

  /** What stands in its table; whose lease is over may be among it for a moment. */
  held(): Iterable<Held> {
    return this.#table.all();
  }

  status(): ExitNodeStatus {
    const { boot, watermark, counts } = this.#table;
    const { clock, capacity, quarantine } = this.#options;
    const troubles = this.#troubles.all;
    return {
      ...{ boot, watermark, counts, capacity, quarantine, troubles, clock: clock.now(), latest: this.#table.latest() },
      ...{ wantsSnapshot: this.#isDoubtful || !this.#store.hasSnapshot, isHealthy: troubles.length === 0 },
      ...{ publicKey: this.#writer.ownKey, lastReconcile: this.#reconciler.last, setAside: this.#store.setAside },
    };
  }

  /** Called when the status has changed, but for its clock. */
  watch(listener: () => void): Disposable {
    return this.#listeners.add(listener);
  }

  /** From the next order, and the next heartbeat, on; what rests already rests as long as it was to. */
  reconfigure(changed: Pick<ExitNodeOptions, "capacity" | "quarantine">): void {
    this.#options = { ...this.#options, capacity: changed.capacity, quarantine: quarantineOf(changed) };
    this.#listeners.emit();
  }

  /** Reads the device and writes what differs. Throws VpnError: VPN_UNDONE, VPN_CLOSED. */
  reconcile(): Promise<ReconcileOutcome> {
    return this.#isClosed ? Promise.reject(closed()) : this.#reconciler.reconcile();
  }

  /** For a machine whose addresses have changed. Throws WireGuardError. */
  async setEndpointsAgain(): Promise<void> {
    const { device } = this.#options;
    const { peers } = await device.read();
    await device.change(endpointsAgain(peers));
  }

  /** Peers stay as they are. What waits is refused; what is being done is waited for. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#sweepTimer?.[Symbol.dispose]();
    this.#waiting.refuse(closed());
    await Promise.allSettled([this.#turns]);
    this.#writer[Symbol.dispose]();
    await this.#reconciler[Symbol.asyncDispose]();
    this.#store[Symbol.dispose]();
  }

  #ask<Answer>(call: WaitingCall, answer: Promise<Answer>): Promise<Answer> {
    try {
      if (this.#isClosed) throw closed();
      this.#waiting.add(call);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#wake();
    return answer;
  }

  #wake(): void {
    if (this.#isClosed) return;
    this.#turns ??= this.#takeTurns().finally(() => {
      this.#turns = undefined;
      if (!this.#waiting.isEmpty) this.#wake();
      else this.#armSweep();
    });
  }

  async #takeTurns(): Promise<void> {
    // What came with the same reading of a socket goes together.
    await immediately();
    while (!this.#isClosed && (this.#isSweepDue || !this.#waiting.isEmpty)) {
      this.#isSweepDue = false;
      await this.#takeTurn(this.#waiting.takeGroup());
    }
  }

  async #takeTurn(calls: readonly WaitingCall[]): Promise<void> {
    let judged: readonly JudgedCall[] = [];
    let batch = this.#batch();
    try {
      judged = this.#judge(batch, calls);
      this.#troubles.end("store");
    } catch (cause) {
      batch.undo();
      const why = describeError(cause);
      this.#troubles.begin("store", `the store of leases cannot be written: ${why}`);
      const error = new VpnError("VPN_STORE", `the order cannot be stored, and was not taken: ${why}`, { cause });
      for (const { settle } of calls) settle.reject(error);
      // Leases end without it: what is over is of no use to whoever reads it.
      batch = this.#batch();
    }
    try {
      await this.#writer.settle(batch);
      for (const { answer } of judged) answer();
    } catch (error) {
      for (const { fail } of judged) fail(error);
      this.#reconciler.hasten();
    }
    this.#listeners.emit();
  }

  /** What is over by now, in a batch of its own. */
  #batch(): OrderBatch {
    const { clock, quarantine, table } = this.#options;
    const isInPool = (address: string) => isInPools(table, address);
    const isLeaving = (address: string) => this.#writer.isLeaving(address);
    const { ownKey } = this.#writer;
    return new OrderBatch(this.#table, { now: clock.now(), ownKey, isInPool, isLeaving, quarantine });
  }

  #judge(batch: OrderBatch, calls: readonly WaitingCall[]): readonly JudgedCall[] {
    let watermark: Generation | undefined;
    const judged = calls.map((call): JudgedCall => {
      const fail = (error: unknown) => call.settle.reject(error);
      if (call.kind === "orders") {
        const answers = call.orders.map((order) => batch.order(order));
        return { fail, answer: () => call.settle.resolve(answers) };
      }
      const answer = batch.snapshot(call.snapshot);
      if (answer.kind === "taken") watermark = call.snapshot.watermark;
      return { fail, answer: () => call.settle.resolve(answer) };
    });
    this.#store.write({ rows: batch.rows(), rests: batch.rests(), watermark });
    if (watermark !== undefined) {
      this.#table.raiseWatermark(watermark);
      this.#isDoubtful = false;
    }
    return judged;
  }

  #armSweep(): void {
    this.#sweepTimer?.[Symbol.dispose]();
    const due = this.#table.deadline();
    if (due === undefined || this.#isClosed) return;
    const delay = millis(Math.max(sweepEvery, due - this.#options.clock.now()));
    this.#sweepTimer = this.#options.clock.after("end of a lease", delay, () => {
      this.#isSweepDue = true;
      this.#wake();
    });
  }
}

function quarantineOf({ quarantine }: Pick<ExitNodeOptions, "quarantine">): Millis {
  return millis(Math.max(leastQuarantine, quarantine));
}

function closed(): VpnError {
  return new VpnError("VPN_CLOSED", "the exit ends: ask again when it has started");
}

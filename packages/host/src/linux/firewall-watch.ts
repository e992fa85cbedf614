/**
 * Follows what anybody does to one table of nftables, a transaction at a time. The tables of others are not looked at, however
 * much is done to them.
 */
import { decodeFirewallEvent } from "../netlink/firewall-event.ts";
import { isMalformed } from "../netlink/malformed.ts";
import { type NetlinkMessage, splitMessages } from "../netlink/message.ts";
import type { FirewallWatch } from "../ports.ts";
import { changeBy, type FirewallChange, newTransaction, observe } from "../pure/firewall-transaction.ts";
import { EventReader } from "./event-reader.ts";
import type { Native } from "./native.ts";
import { openFirewallEventSocket } from "./netlink-socket.ts";

/** A firewall that loads lists of a hundred thousand addresses tells of each. */
const socketBuffer = 8 * 1024 * 1024;
/** Reads before the event loop gets its turn: each brings some hundred events. */
const mostReadsPerTurn = 8;
const mostReadsToCatchUp = 4_096;

/** Tells from now on. Throws HOST_NETLINK. */
export function watchFirewall(
  native: Native,
  table: string,
  onChange: (change: FirewallChange) => void,
): FirewallWatch {
  return new LinuxFirewallWatch(native, table, onChange);
}

class LinuxFirewallWatch implements FirewallWatch {
  readonly #native: Native;
  readonly #table: string;
  readonly #onChange: (change: FirewallChange) => void;
  readonly #fd: number;
  readonly #reader: EventReader;
  readonly #readable: Disposable;
  #transaction = newTransaction;
  #isOpen = true;

  constructor(native: Native, table: string, onChange: (change: FirewallChange) => void) {
    this.#native = native;
    this.#table = table;
    this.#onChange = onChange;
    this.#fd = openFirewallEventSocket(native, socketBuffer);
    this.#reader = new EventReader(native, this.#fd);
    try {
      this.#readable = native.watchReadable(this.#fd, () => this.#drain(mostReadsPerTurn));
    } catch (error) {
      native.close(this.#fd);
      throw error;
    }
  }

  catchUp(): void {
    this.#drain(mostReadsToCatchUp);
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#readable[Symbol.dispose]();
    this.#native.close(this.#fd);
  }

  #drain(most: number): void {
    if (!this.#isOpen) return;
    const changes: FirewallChange[] = [];
    let isLost = false;
    this.#reader.read(most, {
      onDatagram: (bytes) => {
        if (!this.#receive(bytes, changes)) isLost = true;
      },
      onLoss: () => {
        isLost = true;
      },
    });
    if (isLost) {
      // What waits is older than what was lost, or the rest of a transaction without its beginning.
      this.#reader.discard();
      this.#transaction = newTransaction;
      changes.push({ kind: "unseen" });
    }
    for (const change of changes) if (this.#isOpen) this.#onChange(change);
  }

  /** False when it did not hold what it claimed. */
  #receive(bytes: Uint8Array, changes: FirewallChange[]): boolean {
    const { messages, fault } = splitMessages(bytes);
    return messages.every((message) => this.#take(message, changes)) && fault === undefined;
  }

  #take(message: NetlinkMessage, changes: FirewallChange[]): boolean {
    const event = decodeFirewallEvent(message, this.#table);
    if (event === undefined) return true;
    if (isMalformed(event)) return false;
    if (event.kind !== "committed") {
      this.#transaction = observe(this.#transaction, event);
      return true;
    }
    const change = changeBy(this.#transaction, event.by);
    this.#transaction = newTransaction;
    if (change !== undefined) changes.push(change);
    return true;
  }
}

/**
 * Where a destination hears lane hellos: a connection that says it is one has a second to prove it, and costs no more than its octets
 * until it has. Whatever is wrong, it is closed without an answer. A source has its epoch a moment before this end has, and longer before
 * when the last words of the handshake were lost on the way: so a hello of an unknown epoch waits for it, within its second.
 */

import type { Socket } from "node:net";
import { handOver } from "@ropewalk/host/linux/hand-over";
import type { Native } from "@ropewalk/host/linux/native";
import { resetSocket } from "@ropewalk/host/linux/reset-socket";
import type { Tcp, TcpConnection } from "@ropewalk/host/tcp";
import { joined } from "@ropewalk/kernel/bytes";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { seconds } from "@ropewalk/kernel/units";
import { epochOfHello, type LaneWelcomes, laneHelloLength, type Welcomed } from "../pure/lane/lane-hello.ts";

const within = seconds(1);
/** Connections that have not said all of their hello. */
const mostWaiting = 256;

export interface LaneDoorOptions {
  readonly native: Native;
  readonly tcp: Tcp;
  readonly clock: Clock;
  readonly random: (length: number) => Uint8Array;
  /** Of an epoch that has no lane yet, by its identifier in hexadecimal. */
  readonly welcomesOf: (epoch: string) => LaneWelcomes | undefined;
  /** `rest`: what came behind the hello. The connection is not started, and the welcome not sent. */
  readonly onLane: (epoch: string, welcomed: Welcomed, connection: TcpConnection, rest: Uint8Array) => void;
  /** Something of this end's own failed, such as too many open files. */
  readonly onTrouble: (reason: string) => void;
}

interface Caller {
  readonly socket: Socket;
  readonly octets: Uint8Array[];
  readonly timer: Timer;
  /** The epoch that its hello names, while that is not known here. */
  awaited: string | undefined;
}

export class LaneDoor implements Disposable {
  readonly #options: LaneDoorOptions;
  /** The oldest first. */
  readonly #callers = new Set<Caller>();
  #welcomed = 0;
  #refused = 0;

  constructor(options: LaneDoorOptions) {
    this.#options = options;
  }

  get counts(): { readonly waiting: number; readonly welcomed: number; readonly refused: number } {
    return { waiting: this.#callers.size, welcomed: this.#welcomed, refused: this.#refused };
  }

  /** Takes the socket over, and what was read of it. */
  take(socket: Socket, early: Uint8Array): void {
    const timer = this.#options.clock.after("hello of a lane", within, () => this.#refuse(caller));
    const caller: Caller = { socket, octets: [], timer, awaited: undefined };
    this.#callers.add(caller);
    const [oldest] = this.#callers;
    if (this.#callers.size > mostWaiting && oldest !== undefined) this.#refuse(oldest);
    socket.removeAllListeners();
    socket.on("error", () => {});
    socket.on("close", () => this.#refuse(caller));
    socket.on("data", (octets: Buffer) => this.#hear(caller, new Uint8Array(octets)));
    this.#hear(caller, early);
  }

  /** The epoch has come about at this end too: who has asked for it before is answered. */
  admit(epoch: string): void {
    for (const caller of [...this.#callers])
      if (caller.awaited === epoch) this.#judge(caller, joined(...caller.octets));
  }

  [Symbol.dispose](): void {
    for (const caller of [...this.#callers]) this.#refuse(caller);
  }

  #hear(caller: Caller, octets: Uint8Array): void {
    if (!this.#callers.has(caller)) return;
    caller.octets.push(octets);
    const all = joined(...caller.octets);
    caller.octets.splice(0, caller.octets.length, all);
    if (all.length < laneHelloLength) return;
    this.#judge(caller, all);
  }

  #judge(caller: Caller, octets: Uint8Array): void {
    const hello = octets.subarray(0, laneHelloLength);
    const epoch = epochOfHello(hello)?.toHex();
    const welcomes = epoch === undefined ? undefined : this.#options.welcomesOf(epoch);
    if (epoch !== undefined && welcomes === undefined) {
      caller.awaited = epoch;
      caller.socket.pause();
      return;
    }
    const welcomed = welcomes?.answer(hello, this.#options.random(32));
    if (epoch === undefined || welcomed === undefined) this.#refuse(caller);
    else this.#let(caller, epoch, welcomed, octets.slice(laneHelloLength));
  }

  #let(caller: Caller, epoch: string, welcomed: Welcomed, rest: Uint8Array): void {
    const { native, tcp, onLane, onTrouble } = this.#options;
    this.#forget(caller);
    this.#welcomed += 1;
    try {
      const { fd, unread } = handOver(native, caller.socket);
      onLane(epoch, welcomed, tcp.adopt(fd), joined(rest, ...unread));
    } catch (error) {
      for (const secret of Object.values(welcomed.secrets)) secret.fill(0);
      onTrouble(`a lane was lost: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #refuse(caller: Caller): void {
    if (!this.#callers.has(caller)) return;
    this.#forget(caller);
    this.#refused += 1;
    resetSocket(caller.socket);
  }

  #forget(caller: Caller): void {
    this.#callers.delete(caller);
    caller.timer[Symbol.dispose]();
  }
}

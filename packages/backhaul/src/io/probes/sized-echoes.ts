/** Echoes of chosen sizes that nobody may cut, on one socket: which sizes came back, and which the kernel does not send. */
import type { EchoReply, PathEchoSocket } from "@ropewalk/host/ports";
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { ProbeTraffic } from "../../pure/health/probe.ts";
import { addTraffic, echoHeader, ipHeader, noTraffic } from "../../pure/probing/packet-octets.ts";
import { drawInteger, type ProbeGround, whenAborted } from "./probe-ground.ts";
import { type Unsent, unsentAsTold } from "./sending-faults.ts";

interface SentEcho {
  readonly size: number;
  readonly at: Millis;
  readonly first: number;
}

export class SizedEchoes implements Disposable {
  /** The largest size, IP header included, that came back; 0 while none did. */
  passes = 0;
  /** The smallest that the kernel refuses, because it exceeds the MTU that it knows of the path. */
  refused: number = Number.POSITIVE_INFINITY;
  /** Of the latest that came back. */
  rtt: Millis | undefined;
  traffic: ProbeTraffic = noTraffic;
  /** Why nothing could be sent at all. */
  failure: Unsent | undefined;
  readonly #socket: PathEchoSocket;
  readonly #target: IpAddress;
  readonly #ground: ProbeGround;
  readonly #listening: Disposable;
  readonly #sent = new Map<number, SentEcho>();
  #sequence = 0;
  #onAnswer: () => void = () => {};

  constructor(socket: PathEchoSocket, target: IpAddress, ground: ProbeGround) {
    this.#socket = socket;
    this.#target = target;
    this.#ground = ground;
    this.#listening = socket.onReply((reply) => this.#receive(reply));
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }

  /** Sends one of each of `sizes` and waits until all came back, at most `wait`. Late answers to earlier rounds count. */
  async round(sizes: readonly number[], wait: Millis): Promise<void> {
    const largest = Math.max(0, ...this.#sendAll(sizes));
    await this.#until(() => this.passes >= largest, wait);
  }

  /** As `round`, but the first that comes back is enough. */
  async anything(sizes: readonly number[], wait: Millis): Promise<void> {
    this.#sendAll(sizes);
    await this.#until(() => this.passes > 0, wait);
  }

  /** Those that the kernel took. */
  #sendAll(sizes: readonly number[]): readonly number[] {
    return sizes.filter((size) => size < this.refused && this.#send(size));
  }

  async #until(isEnough: () => boolean, wait: Millis): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onAnswer = () => {
      if (isEnough()) resolve();
    };
    this.#onAnswer();
    whenAborted(this.#ground.signal, resolve);
    using _timer = this.#ground.clock.after("wait for sized echoes", wait, resolve);
    await promise;
  }

  #send(size: number): boolean {
    const { binding, chance, clock } = this.#ground;
    const payload = new Uint8Array(Math.max(8, size - ipHeader[binding.family] - echoHeader));
    const first = drawInteger(chance, 32);
    new DataView(payload.buffer).setUint32(0, first);
    this.#sequence += 1;
    this.#sent.set(this.#sequence, { size, at: clock.now(), first });
    if (this.#socket.send(this.#target, this.#sequence, payload)) {
      this.traffic = addTraffic(this.traffic, { sent: size, received: 0 });
      return true;
    }
    if (this.#socket.lastError?.startsWith("EMSGSIZE") === true) this.refused = Math.min(this.refused, size);
    else this.failure ??= unsentAsTold(this.#socket.lastError);
    return false;
  }

  #receive({ from, sequence, payload, waited }: EchoReply): void {
    const sent = from === this.#target ? this.#sent.get(sequence) : undefined;
    if (sent === undefined || payload.length < 8) return;
    const { binding, clock } = this.#ground;
    const isWhole = payload.length === sent.size - ipHeader[binding.family] - echoHeader;
    const first = new DataView(payload.buffer, payload.byteOffset, payload.byteLength).getUint32(0);
    if (!isWhole || first !== sent.first) return;
    this.#sent.delete(sequence);
    this.traffic = addTraffic(this.traffic, { sent: 0, received: sent.size });
    this.passes = Math.max(this.passes, sent.size);
    const taken = clock.now() - sent.at;
    this.rtt = millis(waited < taken ? taken - waited : taken);
    this.#onAnswer();
  }
}

/**
 * ICMP echoes on one path, by one socket for all targets, opened with the first and kept open. There is no timer for a
 * probe: a reply is told whenever it comes, and who asked counts what did not come. Most probes of all are these, so this is
 * written to cost little.
 */
import type { EchoReply, PathEchoSocket } from "@ropewalk/host/ports";
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { type BackoffConfig, backoff } from "@ropewalk/kernel/backoff";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { ProbeOutcome, ProbeTraffic } from "../../pure/health/probe.ts";
import { echoOctets } from "../../pure/probing/packet-octets.ts";
import { drawInteger, type ProbeGround } from "./probe-ground.ts";
import { type Unsent, unsent, unsentAsThrown, unsentAsTold } from "./sending-faults.ts";

const payloadLength = 8;
/** A reply to an older request is not heard any more; the socket below holds as many. */
const outstandingAtMost = 1024;
/** While the socket opens; it takes no longer than a turn of the event loop. */
const waitingAtMost = 256;
const reopening: BackoffConfig = { first: seconds(0.1), longest: seconds(5) };

interface Asked {
  readonly id: number;
  readonly target: IpAddress;
}

interface Outstanding extends Asked {
  readonly at: Millis;
  /** The payload, as two numbers. */
  readonly first: number;
  readonly second: number;
}

export interface EchoLineDeps extends Pick<ProbeGround, "sockets" | "clock" | "chance"> {
  readonly onReply: (outcome: ProbeOutcome) => void;
  /** What could not be sent. It may be called within `ask`. */
  readonly onUnsent: (outcome: ProbeOutcome) => void;
}

export class EchoLine implements AsyncDisposable {
  readonly #binding: PathBinding;
  readonly #deps: EchoLineDeps;
  readonly #bothWays: ProbeTraffic;
  /** By sequence number. */
  readonly #outstanding = new Map<number, Outstanding>();
  #sequence = 0;
  #socket: PathEchoSocket | undefined;
  #opening: Promise<void> | undefined;
  #waiting: Asked[] = [];
  #failures = 0;
  #mayOpenAt: Millis = millis(0);
  #failure: Unsent | undefined;
  #isDisposed = false;

  constructor(binding: PathBinding, deps: EchoLineDeps) {
    this.#binding = binding;
    this.#deps = deps;
    const octets = echoOctets(binding.family, payloadLength);
    this.#bothWays = { sent: octets, received: octets };
  }

  ask(id: number, target: IpAddress): void {
    if (this.#socket !== undefined) this.#send(this.#socket, id, target);
    else if (this.#open()) this.#wait({ id, target });
    else this.#tell(id, this.#failure ?? unsent("busy", "the socket could not be opened"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await this.#opening;
    await this.#socket?.[Symbol.asyncDispose]();
  }

  #send(socket: PathEchoSocket, id: number, target: IpAddress): void {
    const { clock, chance } = this.#deps;
    const first = drawInteger(chance, 32);
    const second = drawInteger(chance, 32);
    const payload = new Uint8Array(payloadLength);
    const view = new DataView(payload.buffer);
    view.setUint32(0, first);
    view.setUint32(4, second);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    const at = clock.now();
    if (socket.send(target, this.#sequence, payload)) {
      this.#outstanding.set(this.#sequence, { id, target, at, first, second });
      this.#outstanding.delete((this.#sequence - outstandingAtMost) & 0xffff);
    } else this.#fail(id, unsentAsTold(socket.lastError));
  }

  /** A socket that sends nothing may be what is broken, so another is opened beside it; by backoff, since it seldom is. */
  #fail(id: number, failure: Unsent): void {
    if (failure.cause !== "busy") {
      this.#failure = failure;
      this.#open();
    }
    this.#tell(id, failure);
  }

  #tell(id: number, result: Unsent): void {
    this.#deps.onUnsent({ id, result, traffic: { sent: 0, received: 0 } });
  }

  #wait(asked: Asked): void {
    if (this.#waiting.length < waitingAtMost) this.#waiting.push(asked);
    else this.#tell(asked.id, unsent("busy", `${waitingAtMost} echoes wait for their socket`));
  }

  /** True when a socket is being opened, now or already. */
  #open(): boolean {
    if (this.#opening !== undefined) return true;
    const { clock, chance, sockets } = this.#deps;
    if (this.#isDisposed || clock.now() < this.#mayOpenAt) return false;
    this.#mayOpenAt = millis(clock.now() + backoff(this.#failures, chance(), reopening));
    this.#failures += 1;
    this.#opening = sockets
      .echo(this.#binding)
      .then((socket) => this.#replace(socket))
      .catch((error: unknown) => {
        this.#failure = unsentAsThrown(error);
      })
      .finally(() => {
        this.#opening = undefined;
        this.#sendWaiting();
      });
    return true;
  }

  async #replace(socket: PathEchoSocket): Promise<void> {
    const before = this.#socket;
    socket.onReply((reply) => this.#receive(reply));
    this.#socket = socket;
    await before?.[Symbol.asyncDispose]();
  }

  #sendWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (this.#isDisposed) return;
    for (const { id, target } of waiting) this.ask(id, target);
  }

  #receive({ from, sequence, payload, waited }: EchoReply): void {
    const asked = this.#outstanding.get(sequence);
    if (asked === undefined || asked.target !== from || payload.length !== payloadLength || this.#isDisposed) return;
    const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    if (view.getUint32(0) !== asked.first || view.getUint32(4) !== asked.second) return;
    this.#outstanding.delete(sequence);
    this.#failures = 0;
    const taken = this.#deps.clock.now() - asked.at;
    // What it lay here is ours; unless wall time was set, by which that is measured.
    const rtt = millis(waited < taken ? taken - waited : taken);
    this.#deps.onReply({ id: asked.id, result: { kind: "answered", rtt }, traffic: this.#bothWays });
  }
}

/**
 * A customer of a VPN who speaks WireGuard on a socket of his own, without an interface: thousands of them fit into one process. He shakes hands, sends a
 * datagram through the exit to an echo service, and gets it back.
 */
import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { Millis } from "@ropewalk/kernel/units";
import { LabError } from "../errors.ts";
import { decodeUdpPacket, encodeUdpPacket, type UdpEnd } from "./pure/udp-packet.ts";
import { type Transport, WireGuardInitiator } from "./wireguard-initiator.ts";
import { type X25519Pair, x25519Pair } from "./x25519-pair.ts";

/** What a session gave him. */
export interface CustomerPlace {
  readonly endpoint: { readonly address: IpAddress; readonly port: number };
  readonly peerKey: Uint8Array;
  readonly presharedKey?: Uint8Array;
  /** His own in the tunnel, IPv4. */
  readonly address: IpAddress;
}

const noKey = new Uint8Array(32);
const ownPort = 40_000;
/** WireGuard's own pause between two initiations is 5 s; here nothing is lost but by who is not ready. */
const againMs = 250;

export class WireCustomer implements AsyncDisposable {
  readonly keys: X25519Pair = x25519Pair(randomBytes(32));
  readonly #socket: Socket;
  #onMessage: (octets: Uint8Array) => void = () => {};
  #transport: Transport | undefined;
  #place: CustomerPlace | undefined;

  static async open(): Promise<WireCustomer> {
    const socket = createSocket("udp4");
    const bound = Promise.withResolvers<void>();
    socket.once("error", bound.reject).bind(0, () => bound.resolve());
    await bound.promise;
    return new WireCustomer(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("message", (octets) => this.#onMessage(octets));
    // What is refused on the way is sent again, or late: who waits says so.
    socket.on("error", () => {});
  }

  /** Throws LAB_TIMEOUT: the exit does not answer. */
  async connect(place: CustomerPlace, within: Millis): Promise<void> {
    this.#place = place;
    const options = { own: this.keys, peerKey: place.peerKey, presharedKey: place.presharedKey ?? noKey };
    let initiator: WireGuardInitiator;
    const begin = () => {
      const index = randomBytes(4).readUInt32LE();
      initiator = new WireGuardInitiator({
        ...options,
        ephemeral: x25519Pair(randomBytes(32)),
        index,
        now: Date.now(),
      });
      this.#send(initiator.initiation);
    };
    this.#transport = await this.#until(within, "a handshake", begin, (octets) => initiator.answered(octets));
  }

  /** Milliseconds until the same came back. Throws LAB_TIMEOUT. */
  async echo(to: UdpEnd, within: Millis): Promise<number> {
    const [transport, place] = [this.#transport, this.#place];
    if (transport === undefined || place === undefined) throw new LabError("LAB_BAD_REQUEST", "there is no tunnel yet");
    const payload = randomBytes(16);
    const source = { address: place.address, port: ownPort };
    const began = performance.now();
    const send = () => this.#send(transport.seal(encodeUdpPacket({ source, destination: to, payload })));
    return await this.#until(within, "an echo", send, (octets) => {
      const packet = decodeUdpPacket(transport.open(octets) ?? noKey);
      return packet !== undefined && payload.equals(packet.payload) ? performance.now() - began : undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.close(() => resolve());
    await promise;
  }

  #send(octets: Uint8Array): void {
    if (this.#place === undefined) return;
    const { address, port } = this.#place.endpoint;
    this.#socket.send(octets, port, address, () => {});
  }

  /** Asks, and asks again, until something that came is the answer. */
  async #until<T>(
    within: Millis,
    what: string,
    ask: () => void,
    answered: (octets: Uint8Array) => T | undefined,
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#onMessage = (octets) => {
      const answer = answered(octets);
      if (answer !== undefined) resolve(answer);
    };
    const again = setInterval(ask, againMs);
    const late = setTimeout(
      () => reject(new LabError("LAB_TIMEOUT", `${what} did not come within ${within} ms`)),
      within,
    );
    ask();
    try {
      return await promise;
    } finally {
      clearInterval(again);
      clearTimeout(late);
      this.#onMessage = () => {};
    }
  }
}

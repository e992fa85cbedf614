/** Has peers set on a bare wireguard-go, one after another over one connection. */
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { BareGround, BareOrder } from "./bare-task.ts";

export class BareSetter {
  readonly #socket: Socket;
  readonly #waiting: (() => void)[] = [];

  static async open({ setter }: BareGround): Promise<BareSetter> {
    const socket = connect({ host: setter.address, port: setter.port, noDelay: true });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once("connect", resolve).once("error", reject);
    await promise;
    return new BareSetter(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    createInterface({ input: socket }).on("line", () => this.#waiting.shift()?.());
  }

  async set(peer: BareOrder): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    this.#socket.write(`${JSON.stringify(peer)}\n`);
    await promise;
  }
}

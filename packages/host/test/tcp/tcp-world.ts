/** Ropewalk's TCP with peers that are Node's own, on loopback; all is gone when it is disposed of. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { createNative } from "@ropewalk/host/linux/native";
import { createLinuxTcp } from "@ropewalk/host/linux/tcp";
import type { Tcp, TcpConnection, TcpEndpoint, TcpListener } from "@ropewalk/host/tcp";
import { type IpAddress, ipAddress } from "@ropewalk/kernel/addresses";
import { createSystemClock } from "@ropewalk/kernel/system-clock";

export const loopback: IpAddress = ipAddress("127.0.0.1");
export const native = createNative();

export class TcpWorld implements AsyncDisposable {
  readonly tcp: Tcp = createLinuxTcp(native, createSystemClock());
  readonly #stack = new AsyncDisposableStack();

  constructor() {
    this.#stack.use(this.tcp);
  }

  /** A connection that Ropewalk has opened; the peer's is Node's. */
  async connected(): Promise<{ near: TcpConnection; peer: Socket }> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const accepted = once(server, "connection");
    const to = { address: loopback, port: (server.address() as AddressInfo).port };
    const near = this.own(await this.tcp.connect(to, { signal: AbortSignal.timeout(30_000) }));
    const [peer] = (await accepted) as [Socket];
    server.close();
    return { near, peer: this.#kept(peer) };
  }

  /** A connection that Ropewalk has accepted; the peer's is Node's. */
  async accepted(at: IpAddress = loopback): Promise<{ near: TcpConnection; peer: Socket }> {
    const { listener, next } = this.listening({ address: at, port: 0 });
    const peer = this.peerOf(listener.local);
    const near = await next();
    listener[Symbol.dispose]();
    return { near, peer };
  }

  /** `next` is the connection that is accepted next. */
  listening(at: TcpEndpoint): { listener: TcpListener; next: () => Promise<TcpConnection>; exhausted: string[] } {
    const waiting: ((connection: TcpConnection) => void)[] = [];
    const come: TcpConnection[] = [];
    const exhausted: string[] = [];
    const listener = this.tcp.listen(at, {
      onConnection: (connection) => {
        this.own(connection);
        const taker = waiting.shift();
        if (taker === undefined) come.push(connection);
        else taker(connection);
      },
      onExhausted: (code) => exhausted.push(code),
    });
    this.#stack.use(listener);
    const next = async () => come.shift() ?? (await new Promise<TcpConnection>((resolve) => waiting.push(resolve)));
    return { listener, next, exhausted };
  }

  /** Node's own end of a connection to `to`, which reads nothing yet. */
  peerOf(to: TcpEndpoint): Socket {
    const peer = connect({ host: to.address, port: to.port, allowHalfOpen: true });
    peer.pause();
    return this.#kept(peer);
  }

  own(connection: TcpConnection): TcpConnection {
    return this.#stack.use(connection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  #kept(peer: Socket): Socket {
    peer.on("error", () => {});
    this.#stack.defer(() => void peer.destroy());
    return peer;
  }
}

/** TCP whose outcomes a test decides: connects wait to be answered, and ports are taken or free as it says. */
import { setImmediate } from "node:timers/promises";
import { HostError } from "@ropewalk/host/errors";
import type { Tcp, TcpConnection, TcpEndpoint, TcpEvents, TcpListener, TcpListenerEvents } from "@ropewalk/host/tcp";
import { ipAddress } from "@ropewalk/kernel/addresses";

const nowhere: TcpEndpoint = { address: ipAddress("127.0.0.1"), port: 1 };

/** What became of it: "open", "reset" or "closed". */
export class FakeConnection implements TcpConnection {
  readonly remote: TcpEndpoint;
  readonly local = nowhere;
  fate: "open" | "reset" | "closed" = "open";
  #events: TcpEvents | undefined;

  constructor(remote: TcpEndpoint = nowhere) {
    this.remote = remote;
  }

  /** From its application. */
  arrive(octets: Uint8Array): void {
    const room = this.#events?.room()?.subarray(0, octets.length);
    room?.set(octets);
    if (room !== undefined) this.#events?.onOctets(room);
  }
  fail(code: string): void {
    this.#events?.onClosed({ kind: "failed", code });
  }
  reset(): void {
    this.fate = "reset";
  }
  [Symbol.dispose](): void {
    this.fate = "closed";
  }
  start(events: TcpEvents): void {
    this.#events = events;
  }
  write(): boolean {
    return true;
  }
  finish(): void {}
  resume(): void {}
  unsent(): number {
    return 0;
  }
  unacknowledged(): number {
    return 0;
  }
  boundUnsent(): void {}
  info(): undefined {
    return undefined;
  }
  release(): number {
    return -1;
  }
}

export interface Attempt {
  readonly to: TcpEndpoint;
  readonly signal: AbortSignal;
  readonly connection: FakeConnection;
  /** The kernel's answer: connected, or this errno. */
  answer(errno?: number): void;
}

export class FakeTcp implements Pick<Tcp, "connect" | "listen"> {
  readonly attempts: Attempt[] = [];
  /** By "address port". */
  readonly listening = new Map<string, TcpListenerEvents>();
  readonly taken = new Map<string, "HOST_ADDRESS_IN_USE" | "HOST_PERMISSION" | "HOST_SOCKET">();
  /** Everything that was done to listeners, in order. */
  readonly story: string[] = [];

  connect(to: TcpEndpoint, { signal }: { readonly signal: AbortSignal }): Promise<TcpConnection> {
    const { promise, resolve, reject } = Promise.withResolvers<TcpConnection>();
    signal.addEventListener("abort", () => reject(signal.reason));
    const connection = new FakeConnection(to);
    const answer = (errno?: number) => {
      if (errno === undefined) resolve(connection);
      else reject(new HostError("HOST_SOCKET", `could not connect to ${to.address}`, { errno }));
    };
    this.attempts.push({ to, signal, connection, answer });
    return promise;
  }

  listen(at: TcpEndpoint, events: TcpListenerEvents): TcpListener {
    const place = `${at.address} ${at.port}`;
    const code = this.taken.get(place) ?? (this.#isHeld(at) ? "HOST_ADDRESS_IN_USE" : undefined);
    if (code !== undefined) throw new HostError(code, `${place}: ${code}`);
    this.listening.set(place, events);
    this.story.push(`listen ${place}`);
    return {
      local: at,
      pause: () => {},
      resume: () => {},
      [Symbol.dispose]: () => {
        if (this.listening.delete(place)) this.story.push(`close ${place}`);
      },
    };
  }

  /** A connection that comes to the listener at `place`. */
  arrive(place: string): FakeConnection {
    const connection = new FakeConnection();
    this.listening.get(place)?.onConnection(connection);
    return connection;
  }

  #isHeld(at: TcpEndpoint): boolean {
    return [...this.listening.keys()].some((place) => {
      const [address, port] = place.split(" ");
      const isSame = address === at.address || address === "0.0.0.0" || at.address === "0.0.0.0";
      return isSame && Number(port) === at.port;
    });
  }
}

/** Lets everything that is settled be told. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
}

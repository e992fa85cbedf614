/** Raw sockets that speak HTTP as badly as a test wants. */
import { connect, type Socket } from "node:net";

export interface RawClient extends Disposable {
  readonly socket: Socket;
  /** Everything received so far. */
  text(): string;
  /** Settles when the other side has closed; rejects after `deadline` ms. */
  closed(deadline?: number): Promise<void>;
  /** Settles when `pattern` is in the text; rejects after `deadline` ms, or when the connection closes without it. */
  received(pattern: RegExp, deadline?: number): Promise<string>;
}

/** To a port of loopback, or to the path of a Unix socket. */
export async function connectRaw(place: number | string): Promise<RawClient> {
  const socket = typeof place === "string" ? connect(place) : connect(place, "127.0.0.1");
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once("connect", resolve);
  socket.once("error", reject);
  await promise;
  socket.on("error", () => {});
  let text = "";
  socket.on("data", (octets: Buffer) => {
    text += octets.toString("latin1");
  });
  return {
    socket,
    text: () => text,
    closed: (deadline = 30_000) =>
      until(
        () => socket.destroyed || socket.readableEnded,
        deadline,
        () => `still open: ${text}`,
      ),
    received: async (pattern, deadline = 30_000) => {
      await until(
        () => pattern.test(text),
        deadline,
        () => `${pattern} not in: ${text}`,
      );
      return text;
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}

/** Waits for a condition, with a deadline in milliseconds. */
export async function until(isSo: () => boolean, deadline: number, describe: () => string): Promise<void> {
  const end = performance.now() + deadline;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(describe());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** One whole exchange: the status and the body. */
export async function exchange(
  port: number,
  request: string,
): Promise<{ readonly status: number; readonly head: string; readonly body: string }> {
  using client = await connectRaw(port);
  client.socket.write(request);
  await client.closed();
  const [head = "", ...body] = client.text().split("\r\n\r\n");
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]), head, body: body.join("\r\n\r\n") };
}

/** A request that asks for the connection to be closed after its answer. */
export function request(method: string, target: string, headers: Readonly<Record<string, string>> = {}): string {
  const all = { Host: "localhost", Connection: "close", ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

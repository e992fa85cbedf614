/**
 * Ports of loopback for programs that must be told theirs before they listen. The system gives out none of these to who connects, so that
 * nobody takes one by chance between the moment that it was found and the one that it is used.
 */
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";

/** Linux takes those from 32,768 on for connections, unless told otherwise. */
const [first, behindLast] = [10_240, 32_768];
const mostTries = 100;

/** So many, all different, that nobody listens on at the moment. Throws Error where none are found. */
export async function freePorts(count: number): Promise<readonly number[]> {
  await using stack = new AsyncDisposableStack();
  const ports: number[] = [];
  for (let tries = 0; ports.length < count; tries += 1) {
    if (tries === mostTries * count) throw new Error(`no ${count} ports of loopback are free`);
    const port = randomInt(first, behindLast);
    const server = await listening(port);
    if (server === undefined) continue;
    stack.defer(() => new Promise<void>((resolve) => server.close(() => resolve())));
    ports.push(port);
  }
  return ports;
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

async function listening(port: number): Promise<Server | undefined> {
  const server = createServer().listen(port, "127.0.0.1");
  return once(server, "listening").then(
    () => server,
    () => undefined,
  );
}

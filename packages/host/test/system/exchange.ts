/** The kernel's sockets, and one round of everything that can be sent on a path. */
import { createNative } from "@ropewalk/host/linux/native";
import { createLinuxPathSockets } from "@ropewalk/host/linux/path-sockets";
import type { PathSockets } from "@ropewalk/host/ports";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { firstData, nextMessage, nextReply } from "../ports/path-sockets.contract.ts";
import { server } from "../ports/two-uplinks.ts";
import { serverPort } from "./two-uplink-network.ts";

export const sockets: PathSockets = createLinuxPathSockets(createNative(), { chance: Math.random });
export const hello: Uint8Array = new TextEncoder().encode("hello");
export const never: AbortSignal = new AbortController().signal;

/** One datagram, one connection and one echo on `path`, each answered. */
export async function exchange(path: PathBinding): Promise<void> {
  const to = { address: server[path.family], port: serverPort };
  await using datagram = await sockets.datagram(path);
  const message = nextMessage(datagram);
  datagram.send(hello, to);
  await message;
  await using connection = await sockets.connect(path, to, never);
  await firstData(connection.stream);
  await using echo = await sockets.echo(path);
  const reply = nextReply(echo);
  echo.send(to.address, 1, hello);
  await reply;
}

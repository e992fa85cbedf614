/** The two servers of the node's API: the Unix socket, which may change things, and loopback HTTP, which only reads. */
import type { Native } from "@ropewalk/host/linux/native";
import type { Clock } from "@ropewalk/kernel/clock";
import { seconds } from "@ropewalk/kernel/units";
import { GuardedServer } from "@ropewalk/ops/guarded-server";
import { AppError } from "../errors.ts";
import { mayChange, type SocketOwner } from "../local-api/authority.ts";
import { type ApiDeps, createApiHandler } from "../local-api/handler.ts";
import { describeRefusal } from "../local-api/refusal.ts";
import { peerCredentials } from "../machine/peer-credentials.ts";
import { clearSocketPath, groupNumber, restrictSocket } from "../machine/unix-socket.ts";
import { parseLoopback } from "../node-config.ts";
import type { Assembly } from "./assembly.ts";

export interface ServerParts {
  readonly api: ApiDeps;
  readonly native: Native;
  /** Where the Unix socket is to be. */
  readonly socket: string;
}

/** Both by name, or the socket's alone; their ends are registered with the shutdown. Throws what the two below throw. */
export async function startServers(
  { context, config, shutdown }: Assembly,
  parts: ServerParts,
): Promise<Readonly<Record<string, GuardedServer>>> {
  const { clock, user } = context;
  const { api, native } = parts;
  const { http: listen, socketGroup } = config.values.node;
  const group = socketGroup === undefined ? undefined : groupNumber(socketGroup);
  const http = await startHttpServer(api, listen, clock);
  if (http !== undefined) shutdown.register("clean-up", { name: "HTTP server", run: () => http.close(seconds(1)) });
  const owner = { uid: user.uid, group };
  const socket = await startSocketServer(api, { path: parts.socket, owner, native, clock });
  shutdown.register("clean-up", { name: "socket server", run: () => socket.close(seconds(1)) });
  return http === undefined ? { socket } : { socket, http };
}

interface SocketServerOptions {
  readonly path: string;
  readonly owner: SocketOwner;
  readonly native: Native;
  readonly clock: Clock;
}

/** Listens at the socket's path. Throws AppError, as `clearSocketPath` and `restrictSocket` do, or OPS_LISTEN. */
async function startSocketServer(api: ApiDeps, options: SocketServerOptions): Promise<GuardedServer> {
  const { path, owner, native, clock } = options;
  await clearSocketPath(path, native);
  const { onDefect } = api;
  const server = new GuardedServer({
    handler: createApiHandler(api, (request) => mayChange(peerCredentials(native, request.socket), owner)),
    clock,
    guard: "none",
    onDefect,
    describeRefusal,
  });
  // The call binds the socket before it returns: until its mode is set, nobody else can connect.
  const umask = process.umask(0o177);
  const listening = server.listen({ path });
  process.umask(umask);
  await listening;
  try {
    restrictSocket(path, owner.group);
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

/** Undefined when the configuration turns it off. Throws APP_LISTEN, naming the key. */
async function startHttpServer(api: ApiDeps, configured: string, clock: Clock): Promise<GuardedServer | undefined> {
  const listen = parseLoopback(configured);
  if (listen === undefined) return undefined;
  const { onDefect } = api;
  const handler = createApiHandler(api, "read-only");
  const server = new GuardedServer({ handler, clock, guard: "loopback", onDefect, describeRefusal });
  try {
    await server.listen(listen);
    return server;
  } catch (cause) {
    throw new AppError(
      "APP_LISTEN",
      `node.http = "${configured}" cannot be had (another port: ROPEWALK_NODE_HTTP=127.0.0.1:7411; none: "off")`,
      { cause },
    );
  }
}

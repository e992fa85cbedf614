/** The two servers of a daemon's API: the Unix socket, which may change things, and loopback HTTP, which only reads. */
import type { Native } from "@ropewalk/host/linux/native";
import type { Clock } from "@ropewalk/kernel/clock";
import { seconds } from "@ropewalk/kernel/units";
import { GuardedServer } from "@ropewalk/ops/guarded-server";
import { AppError } from "../errors.ts";
import { mayChange, type SocketOwner } from "../local-api/authority.ts";
import { createApiHandler, type LocalApi } from "../local-api/handler.ts";
import { describeRefusal } from "../local-api/refusal.ts";
import { largestBody } from "../local-api/request-body.ts";
import { peerCredentials } from "../machine/peer-credentials.ts";
import { clearSocketPath, groupNumber, restrictSocket } from "../machine/unix-socket.ts";
import type { Assembly } from "./assembly.ts";

export interface ServerParts {
  readonly api: LocalApi;
  readonly native: Native;
  /** Where the Unix socket is to be. */
  readonly socket: string;
  readonly http: HttpPlace;
}

export interface HttpPlace {
  /** Undefined when the configuration turns it off. */
  readonly at: { readonly host: string; readonly port: number } | undefined;
  /** The key that says so, and what to set where the place is taken: "ROPEWALK_NODE_HTTP=127.0.0.1:7411". */
  readonly key: string;
  readonly elsewhere: string;
}

/** Both by name, or the socket's alone; their ends are registered with the shutdown. Throws what the two below throw. */
export async function startServers(
  { context, config, shutdown }: Assembly,
  parts: ServerParts,
): Promise<Readonly<Record<string, GuardedServer>>> {
  const { clock, user } = context;
  const { api, native } = parts;
  const { socketGroup } = config.values.node;
  const group = socketGroup === undefined ? undefined : groupNumber(socketGroup);
  const http = await startHttpServer(api, parts.http, clock);
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
async function startSocketServer(api: LocalApi, options: SocketServerOptions): Promise<GuardedServer> {
  const { path, owner, native, clock } = options;
  await clearSocketPath(path, native);
  const { onDefect } = api;
  const server = new GuardedServer({
    handler: createApiHandler(api, (request) => mayChange(peerCredentials(native, request.socket), owner)),
    clock,
    guard: "none",
    onDefect,
    describeRefusal,
    limits: { bodySize: largestBody },
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

/** Undefined when there is to be none. Throws APP_LISTEN, naming the key. */
async function startHttpServer(
  api: LocalApi,
  { at, key, elsewhere }: HttpPlace,
  clock: Clock,
): Promise<GuardedServer | undefined> {
  if (at === undefined) return undefined;
  const { onDefect } = api;
  const handler = createApiHandler(api, "read-only");
  const server = new GuardedServer({ handler, clock, guard: "loopback", onDefect, describeRefusal });
  try {
    await server.listen(at);
    return server;
  } catch (cause) {
    const host = at.host.includes(":") ? `[${at.host}]` : at.host;
    throw new AppError(
      "APP_LISTEN",
      `${key} = "${host}:${at.port}" cannot be had (another port: ${elsewhere}; none: "off")`,
      { cause },
    );
  }
}

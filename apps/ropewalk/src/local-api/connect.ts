/** Finds the daemon that answers this user, or says why none does. */
import type { FetchLike } from "@ropewalk/api/asking";
import { createNodeClient, type NodeClient } from "@ropewalk/api/client";
import type { CommandContext } from "../command-context.ts";
import { AppError } from "../errors.ts";
import { socketCandidates } from "../paths.ts";
import { createUnixFetch, unixBaseUrl } from "./unix-transport.ts";

export interface Connected<T, Client = NodeClient> {
  readonly client: Client;
  readonly socket: string;
  readonly answer: T;
}

/** An answer of a local daemon takes milliseconds; one that takes this long will not come. */
const answerLimitMs = 5_000;

/** Where daemons of one kind may answer, and what to ask one with. */
export interface Daemons<Client> {
  readonly sockets: readonly string[];
  readonly clientOf: (transport: FetchLike, baseUrl: string) => Client;
  /** What would start one: "ropewalk up". */
  readonly start: string;
}

/** The node that answers this user. Throws as `askFirst`. */
export function askDaemon<T>(
  context: Pick<CommandContext, "environment" | "user" | "program">,
  ask: (client: NodeClient, signal: AbortSignal) => Promise<T>,
): Promise<Connected<T>> {
  const nodes = {
    sockets: socketCandidates(context),
    clientOf: createNodeClient,
    start: `${context.program} up`,
  };
  return askFirst(nodes, ask);
}

/**
 * Asks the sockets in turn; the first daemon that answers is the one. Throws APP_NOT_RUNNING when nobody listens, APP_PERMISSION
 * when somebody does but not to this user, APP_TIMEOUT, APP_CUT_SHORT when the daemon ends over the question, or what `ask` throws.
 */
export async function askFirst<T, Client>(
  { sockets, clientOf, start }: Daemons<Client>,
  ask: (client: Client, signal: AbortSignal) => Promise<T>,
): Promise<Connected<T, Client>> {
  let refused: string | undefined;
  for (const socket of sockets) {
    const client = clientOf(createUnixFetch(socket), unixBaseUrl);
    try {
      return { client, socket, answer: await ask(client, AbortSignal.timeout(answerLimitMs)) };
    } catch (error) {
      const code = errorCode(error);
      if (code === "EACCES" || code === "EPERM") refused ??= socket;
      else if (!isAbsent(error)) throw asAppError(error, socket);
    }
  }
  if (refused !== undefined) throw notAllowed(refused);
  throw new AppError("APP_NOT_RUNNING", `no Ropewalk answers at ${sockets.join(" or ")}. Start it: ${start}`);
}

/** True when nobody listens there. */
export function isAbsent(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOENT" || code === "ECONNREFUSED" || code === "ENOTDIR";
}

/** Of the system or of ours. */
export function errorCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function notAllowed(socket: string): AppError {
  return new AppError(
    "APP_PERMISSION",
    `${socket} belongs to another user. Use sudo, or let your group in: [node] socket_group in its configuration.`,
  );
}

function asAppError(error: unknown, socket: string): unknown {
  if (errorCode(error) === "ECONNRESET" || errorCode(error) === "EPIPE") {
    return new AppError(
      "APP_CUT_SHORT",
      `the Ropewalk at ${socket} ended before it answered, and may have done what it was asked. Look at its log.`,
    );
  }
  if (!(error instanceof Error && error.name === "TimeoutError")) return error;
  return new AppError(
    "APP_TIMEOUT",
    `the Ropewalk at ${socket} did not answer within ${answerLimitMs / 1000} seconds. Look at its log; if it hangs, restart it.`,
  );
}

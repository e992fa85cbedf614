/** `fetch` over a Unix socket: how the commands talk to the daemon. */
import type { FetchAnswer, FetchInit, FetchLike } from "@ropewalk/api/asking";
import { request } from "@ropewalk/ops/node-http";

/** The base URL to use with it; only the path of a URL is looked at. */
export const unixBaseUrl = "http://localhost";

/** Rejects with Node's own error when the socket refuses: ENOENT, ECONNREFUSED, EACCES. */
export function createUnixFetch(socketPath: string): FetchLike {
  return (url: string, init: FetchInit) =>
    new Promise<FetchAnswer>((resolve, reject) => {
      const { pathname, search } = new URL(url);
      const { method, headers, body, signal } = init;
      const outgoing = request({ socketPath, path: pathname + search, method, headers, signal }, (answer) => {
        resolve({ status: answer.statusCode ?? 0, body: answer });
      });
      outgoing.on("error", reject);
      // Said beforehand how long it is.
      outgoing.end(body);
    });
}

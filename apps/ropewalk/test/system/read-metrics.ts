/** The metrics page of a node, by its Unix socket. */
import { get } from "node:http";

export function readMetrics(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ socketPath, path: "/metrics" }, (response) => {
      Array.fromAsync(response).then((chunks) => resolve(Buffer.concat(chunks).toString()), reject);
    }).on("error", reject);
  });
}

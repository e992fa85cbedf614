/** Asks a replica over HTTP, on connections that are kept, and takes what comes as it is. */
import { Agent, request } from "node:http";

export interface Asked {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly token: string;
  readonly key?: string | undefined;
  readonly body?: object | undefined;
}

export interface Answered {
  readonly status: number;
  readonly body: unknown;
}

const longest = 15_000;

export class Asker implements Disposable {
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true });
  /** Not answered yet. */
  underWay = 0;

  constructor(port: number) {
    this.#port = port;
  }

  /** unreachable: nobody was asked. unknown: nobody knows what came of it. */
  async ask(asked: Asked): Promise<Answered | "unreachable" | "unknown"> {
    this.underWay += 1;
    try {
      return await this.#ask(asked);
    } catch (error) {
      return (error as { readonly code?: unknown }).code === "ECONNREFUSED" ? "unreachable" : "unknown";
    } finally {
      this.underWay -= 1;
    }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #ask({ method, path, token, key, body }: Asked): Promise<Answered> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const { promise, resolve, reject } = Promise.withResolvers<Answered>();
    const headers = {
      authorization: `Bearer ${token}`,
      ...(key === undefined ? {} : { "idempotency-key": key }),
      ...(text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
    };
    const sent = request(
      { host: "127.0.0.1", port: this.#port, method, path, headers, agent: this.#agent, timeout: longest },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part) => parts.push(part));
        response.on("error", reject);
        response.on("close", () => reject(new Error("it broke off")));
        response.on("end", () => {
          const told = Buffer.concat(parts).toString();
          resolve({ status: response.statusCode ?? 0, body: told === "" ? undefined : JSON.parse(told) });
        });
      },
    );
    sent.on("timeout", () => sent.destroy(new Error("it takes too long")));
    sent.on("error", reject);
    sent.end(text);
    return promise;
  }
}

/** Entry as its customers ask it: HTTPS over connections that stay, with a key for each change. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";

export interface EntryAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const withinMs = 15_000;

export class EntryClient {
  readonly #url: string;
  readonly #agent: Agent;

  constructor(url: string, authority: string, connections: number) {
    this.#url = url;
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: connections,
      ca: readFileSync(authority),
      scheduling: "fifo",
    });
  }

  /** Rejects when there is no answer, or one that says no. */
  async change(path: string, token: string, body?: object): Promise<EntryAnswer["body"]> {
    const text = body === undefined ? "" : JSON.stringify(body);
    const { promise, resolve, reject } = Promise.withResolvers<EntryAnswer>();
    const asked = request(
      `${this.#url}${path}`,
      {
        ...{ method: "POST", agent: this.#agent, signal: AbortSignal.timeout(withinMs) },
        headers: {
          authorization: `Bearer ${token}`,
          ...(text === "" ? {} : { "content-type": "application/json" }),
          "content-length": Buffer.byteLength(text),
          "idempotency-key": randomBytes(32).toString("base64url"),
        },
      },
      (response) => {
        let came = "";
        response.setEncoding("utf8").on("data", (more: string) => {
          came += more;
        });
        response.once("error", reject);
        response.once("end", () => {
          const read = came === "" ? {} : (JSON.parse(came) as EntryAnswer["body"]);
          resolve({ status: response.statusCode ?? 0, body: read });
        });
      },
    );
    asked.once("error", reject);
    asked.end(text);
    const answer = await promise;
    if (answer.status >= 400)
      throw new Error(`${answer.status} ${String(answer.body["type"] ?? answer.body["title"])}`);
    return answer.body;
  }
}

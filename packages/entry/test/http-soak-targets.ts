/** Requests drawn from the description of entry's HTTP: none is a defect, every refusal is of the closed set, and memory stays. */
import { randomUUID } from "node:crypto";
import { entryProblems } from "@ropewalk/api/entry-problem";
import fc from "fast-check";
import { beginAsked } from "./asked.ts";
import type { AskedHttp } from "./http/asked-http-main.ts";
import { type DrawnRequest, drawnRequests } from "./http/generated-requests.ts";
import { askAt, newKey } from "./http/http-place.ts";
import type { SoakTarget } from "./soak-target.ts";
import { serverInPlace } from "./system/server-place.ts";

export const soakTargets: readonly SoakTarget[] = [
  { name: "entry's HTTP, requests drawn from its description", inputs: 1_000_000, unit: "requests", run: askAll },
];

const atOnce = 8;
const inOneDraw = 2000;
const mostFaults = 20;

export async function askAll(inputs: number, seed: number, report: (line: string) => void): Promise<readonly string[]> {
  await using running = await serverInPlace();
  await using entry = await beginAsked<AskedHttp>(
    new URL("./http/asked-http-main.ts", import.meta.url),
    inputs,
    report,
  );
  const asker = new Asker(await entry.tell("begin", running.server.settings));
  for (let asked = 0; asked < inputs && asker.faults.length < mostFaults; asked += inOneDraw) {
    const requests = fc.sample(drawnRequests(), { numRuns: Math.min(inOneDraw, inputs - asked), seed: seed + asked });
    const left = requests.values();
    await Promise.all(Array.from({ length: atOnce }, () => asker.askEach(left)));
    await entry.weigh(asked + inOneDraw);
  }
  const statuses = [...asker.statuses].toSorted().map(([status, count]) => `${status}: ${count}`);
  const memory = await entry.weighed();
  report(`${statuses.join(", ")}${memory.told}`);
  return [...asker.faults, ...(await entry.tell("defects", undefined)), ...memory.faults];
}

class Asker {
  readonly faults: string[] = [];
  readonly statuses = new Map<number, number>();
  readonly #place: AskedHttp["begin"][1];
  #token: string;
  #known = ["0190b0c0-0000-7000-8000-000000000000"];
  #former = newKey();
  #turn = 0;

  constructor(place: AskedHttp["begin"][1]) {
    this.#place = place;
    this.#token = place.token;
  }

  async askEach(requests: Iterable<DrawnRequest>): Promise<void> {
    for (const request of requests) await this.#ask(request);
  }

  async #ask(request: DrawnRequest): Promise<void> {
    const asked = await askAt(this.#place.url, request.method, this.#target(request), {
      ...this.#credentials(request),
      ...this.#body(request),
      key: this.#key(request),
      headers: request.mishap === "text" ? { "content-type": "text/plain" } : {},
    }).catch((error: unknown) => String(error));
    if (typeof asked === "string") {
      this.faults.push(`${request.operation}: ${asked}`);
      return;
    }
    const { status, body } = asked;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    const isKnown =
      status < 400 ||
      (Object.hasOwn(entryProblems, body.code) && entryProblems[body.code as "internal"].status === status);
    if (status >= 500 || !isKnown) this.faults.push(`${JSON.stringify(request)}: ${status} ${JSON.stringify(body)}`);
    if (status === 201) this.#learn(body);
  }

  #learn(body: { readonly id?: string; readonly token?: string; readonly session?: { readonly id: string } }): void {
    const id = body.id ?? body.session?.id;
    if (id !== undefined) this.#known = [id, ...this.#known].slice(0, 16);
    if (body.token !== undefined) this.#token = body.token;
  }

  #target({ path, query, id }: DrawnRequest): string {
    const put = id === "known" ? this.#one() : id === "random" ? randomUUID() : "%00'; drop table nodes; --";
    const asked = Object.entries(query).map(
      ([name, value]) => `${name}=${encodeURIComponent(wellFormed(String(value)))}`,
    );
    return `${path.replace("{id}", encodeURIComponent(put))}${asked.length === 0 ? "" : `?${asked.join("&")}`}`;
  }

  #one(): string {
    return this.#known[this.#turn++ % this.#known.length] as string;
  }

  #credentials({ as }: DrawnRequest) {
    const tokens = { nobody: undefined, another: "a.b.c", customer: this.#token, admin: this.#place.adminKey };
    const token = tokens[as];
    return token === undefined ? {} : { as: token };
  }

  #body({ method, body, mishap }: DrawnRequest) {
    if (method === "GET" || body === undefined) return {};
    const text = JSON.stringify(body).replaceAll("{known}", () => this.#one());
    if (mishap === "cut") return { json: text.slice(0, -1) || " " };
    return { json: mishap === "large" ? `"${"x".repeat(20_000)}"` : text };
  }

  #key({ key }: DrawnRequest): string {
    switch (key) {
      case "new":
        this.#former = newKey();
        return this.#former;
      case "former":
        return this.#former;
      case "none":
        return "";
      case "wrong":
        return "0123";
    }
  }
}

/** What no URL can hold is no request. */
function wellFormed(text: string): string {
  return text.toWellFormed();
}

/** Customers who ask whatever comes to their minds, the same thing twice too, of whichever replica. */
import { setTimeout as pause } from "node:timers/promises";
import type { EndedDocument, SessionDocument, StartedDocument } from "@ropewalk/api/entry";
import type { EntryProblemDocument } from "@ropewalk/api/entry-problem";
import type { Random } from "@ropewalk/simnet/random";
import type { Outcome, Request, ToldSession } from "../../history/history.ts";
import type { Answered, Asked, Asker } from "./asker.ts";

export interface Asking {
  readonly id: string;
  readonly device: string;
  readonly token: string;
}

export interface RandomRequestsOptions {
  readonly customers: readonly Asking[];
  readonly replicas: readonly Asker[];
  readonly regions: readonly string[];
  /** Ids of nodes by their names. */
  readonly nodes: ReadonlyMap<string, string>;
  readonly random: Random;
  readonly wall: () => number;
  readonly onRequest: (request: Request) => void;
}

type Prepared = Omit<Asked, "token"> & { readonly what: Request["what"] };

/** What a customer was told, and has asked. */
class Memory {
  session: string | undefined;
  readonly reconnectKeys: string[] = [];
  readonly asked: Prepared[] = [];
}

const [mostKeys, mostAsked] = [4, 8];
/** A replica that is stopped keeps no more of them waiting. */
const mostUnderWay = 24;

export class RandomRequests {
  readonly #options: RandomRequestsOptions;
  #memories = new Map<string, Memory>();

  constructor(options: RandomRequestsOptions) {
    this.#options = options;
  }

  /** So many of them, by so many customers at once. */
  async ask(count: number, atOnce: number): Promise<void> {
    let left = count;
    const worker = async () => {
      while (left > 0) {
        left -= 1;
        await this.one();
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }

  async one(): Promise<void> {
    const { customers, random, wall, onRequest } = this.#options;
    const customer = pick(customers, random);
    const memory = this.#memories.get(customer.id) ?? new Memory();
    this.#memories.set(customer.id, memory);
    const prepared = this.#prepare(customer, memory);
    const beganAt = wall();
    let answered = await this.#replica().ask({ ...prepared, token: customer.token });
    while (answered === "unreachable") {
      await pause(20);
      answered = await this.#replica().ask({ ...prepared, token: customer.token });
    }
    const outcome =
      answered === "unknown" ? ({ kind: answered } as const) : this.#outcomeOf(prepared.what, answered, memory);
    const { what, key } = prepared;
    onRequest({ what, customer: customer.id, key, beganAt, endedAt: wall(), outcome });
  }

  /** Nothing that was asked is asked again. */
  forget(): void {
    for (const memory of this.#memories.values()) memory.asked.length = 0;
  }

  #prepare(customer: Asking, memory: Memory): Prepared {
    const { random } = this.#options;
    const chance = random.unit();
    if (chance < 0.14 && memory.asked.length > 0) return pick(memory.asked, random);
    if (chance < 0.24) return { what: "current", method: "GET", path: "/v1/sessions/current" };
    const asked = this.#change(customer, memory, chance);
    memory.asked.push(asked);
    if (memory.asked.length > mostAsked) memory.asked.shift();
    return asked;
  }

  #change(customer: Asking, { session, reconnectKeys }: Memory, chance: number): Prepared {
    const { random } = this.#options;
    const common = { method: "POST", key: drawKey(random) } as const;
    const wish = random.isLucky(0.5) ? { region: pick(this.#options.regions, random) } : {};
    if (chance < 0.6 || session === undefined) {
      const reconnectKey = random.isLucky(0.3) ? pick(reconnectKeys, random) : reconnectKeys.at(-1);
      const former = reconnectKey !== undefined && random.isLucky(0.3) ? { reconnectKey } : {};
      return {
        ...common,
        what: "start",
        path: "/v1/sessions/start",
        body: { deviceId: customer.device, ...wish, ...former },
      };
    }
    const path = `/v1/sessions/${session}`;
    if (chance < 0.72) return { ...common, what: "move", path: `${path}/move`, body: wish };
    return { ...common, what: "end", path: `${path}/terminate` };
  }

  #replica(): Asker {
    const { replicas, random } = this.#options;
    const free = replicas.filter(({ underWay }) => underWay < mostUnderWay);
    return pick(free.length === 0 ? replicas : free, random);
  }

  #outcomeOf(what: Request["what"], answered: Answered, memory: Memory): Outcome {
    const { status, body } = answered;
    if (status >= 400) return { kind: "problem", status, code: (body as EntryProblemDocument).code };
    if (what === "start") {
      const { session, reconnectKey } = body as StartedDocument;
      memory.session = session.id;
      memory.reconnectKeys.push(reconnectKey);
      if (memory.reconnectKeys.length > mostKeys) memory.reconnectKeys.shift();
      return { kind: "session", session: this.#toldOf(session) };
    }
    if (what === "end") {
      const { session, isConfirmed } = body as EndedDocument;
      return { kind: "session", session: this.#toldOf(session), isConfirmed };
    }
    const session = body as SessionDocument;
    memory.session = session.id;
    return { kind: "session", session: this.#toldOf(session) };
  }

  #toldOf({ id, state, place }: SessionDocument): ToldSession {
    const node = this.#options.nodes.get(place?.nodeName ?? "") ?? "";
    return { id, state, place: place === null ? undefined : { node, addresses: place.addresses } };
  }
}

function pick<Item>(items: readonly Item[], random: Random): Item {
  return items[random.below(items.length)] as Item;
}

/** 24 octets. */
function drawKey(random: Random): string {
  const octets = Uint8Array.from({ length: 24 }, () => random.below(256));
  return octets.toBase64({ alphabet: "base64url" });
}

/** The load from the side of a test: its two processes, and what the checker says once all streams have ended. */
import { Child } from "./child.ts";
import type { ClientsOptions, LoadCommand, LoadReport } from "./load/load.ts";
import { judge, type LoadVerdict, resultsOf } from "./load/load-verdict.ts";

type Half = Child<LoadCommand, LoadReport>;

/** What the target still has to tell when the clients have told all. */
const targetDeadline = 10_000;

export class LoadProcesses implements AsyncDisposable {
  readonly #seed: number;
  readonly #length: number;
  readonly #target: Half;
  readonly #clients: Half;
  #port = 0;

  static async start(seed: number, length = 1): Promise<LoadProcesses> {
    const load = new LoadProcesses(seed, length);
    try {
      load.#port = (await load.#target.next("listening")).port;
      return load;
    } catch (error) {
      await load[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(seed: number, length: number) {
    this.#seed = seed;
    this.#length = length;
    this.#target = new Child("load/load-main.ts", ["target", String(seed), String(length)]);
    this.#clients = new Child("load/load-main.ts", ["clients"]);
  }

  /** Where the target listens. */
  get port(): number {
    return this.#port;
  }

  /** Streams that have ended so far. */
  get ended(): number {
    return resultsOf(this.#clients.reports).size;
  }

  /** Streams that the target has seen, those that have ended with them. */
  async seenByTarget(): Promise<number> {
    return resultsOf(this.#target.reports).size + (await progressOf(this.#target)).length;
  }

  /** `port` is what leads to the target. */
  begin(options: Pick<ClientsOptions, "port" | "streams">): void {
    this.#clients.tell({ kind: "begin", seed: this.#seed, length: this.#length, ...options });
  }

  /** From now on there is a stream that asks and is answered without a rest; resolves with its first answer. */
  async pulse(port: number, pauseMs = 2): Promise<void> {
    this.#clients.tell({ kind: "pulse", port, pauseMs });
    await this.beat(0, 0);
  }

  /** When the first question was answered that was begun and answered no sooner than this. */
  async beat(begunAfter: number, endedAfter: number, deadline?: number): Promise<number> {
    const ask = () => this.#clients.tell({ kind: "beat", begunAfter, endedAfter });
    const isIt = ({ begun, ended }: { readonly begun: number; readonly ended: number }) =>
      begun >= begunAfter && ended >= endedAfter;
    return (await this.#clients.next("beat", isIt, ask, deadline)).ended;
  }

  /** Milliseconds of each question of the pulse since this was last asked. */
  async beats(): Promise<readonly number[]> {
    const ask = () => this.#clients.tell({ kind: "beats" });
    return (await this.#clients.next("beats", () => true, ask)).tookMs;
  }

  /** Waits until the last stream has ended, or `deadline` milliseconds, and judges all. */
  async finish(deadline: number): Promise<LoadVerdict> {
    const finish = () => this.#clients.tell({ kind: "finish" });
    const late: string[] = [];
    try {
      await this.#clients.next("finished", () => true, finish, deadline);
      for (const number of resultsOf(this.#clients.reports).keys())
        await this.#target.seen("ended", ({ result }) => result.number === number, targetDeadline);
    } catch {
      for (const half of [this.#clients, this.#target]) late.push(...(await progressOf(half)));
    }
    const told = { clients: this.#clients.reports, target: this.#target.reports };
    const verdict = judge(this.#seed, this.#length, told);
    return { ...verdict, faults: [...late, ...verdict.faults] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#target[Symbol.asyncDispose](), this.#clients[Symbol.asyncDispose]()]);
  }
}

async function progressOf(half: Half): Promise<readonly string[]> {
  const ask = () => half.tell({ kind: "progress" });
  const { live } = await half.next("progress", () => true, ask);
  return live.map((line) => `not finished: ${line}`);
}

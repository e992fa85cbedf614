/** The load from the side of a test: its two processes, what both have told of each stream, and the checker's word on all of it. */
import { Child } from "./child.ts";
import type { ClientsOptions, LoadCommand, LoadReport } from "./load/load.ts";
import type { EndResult } from "./load/stream-end.ts";
import { faultsOf } from "./load/verdict.ts";

export interface LoadVerdict {
  readonly streams: number;
  readonly octets: number;
  readonly faults: readonly string[];
}

export class LoadProcesses implements AsyncDisposable {
  readonly #seed: number;
  readonly #length: number;
  readonly #target: Child<LoadCommand, LoadReport>;
  readonly #clients: Child<LoadCommand, LoadReport>;
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

  get faultsSoFar(): readonly string[] {
    return [
      ...this.#strangers(),
      ...this.#results("client")
        .values()
        .flatMap(({ number, ended }) => (ended === "end" ? [] : [`the client of ${number} ended by ${ended}`])),
    ];
  }

  /** `port` is what leads to the target. */
  begin(options: Pick<ClientsOptions, "port" | "streams">): void {
    this.#clients.tell({ kind: "begin", seed: this.#seed, length: this.#length, ...options });
  }

  async pulse(port: number, pauseMs = 2): Promise<void> {
    await this.#beat(0, 0, () => this.#clients.tell({ kind: "pulse", port, pauseMs }));
  }

  /** When the first question was answered that was begun and answered no sooner than this. */
  async beat(begunAfter: number, endedAfter: number): Promise<number> {
    return this.#beat(begunAfter, endedAfter, () => {});
  }

  /** Milliseconds of each question of the pulse since this was last asked. */
  async beats(): Promise<readonly number[]> {
    const { tookMs } = await this.#clients.next(
      "beats",
      () => true,
      () => this.#clients.tell({ kind: "beats" }),
    );
    return tookMs;
  }

  /** Waits until the last stream has ended, or `deadline` milliseconds, and judges all. */
  async finish(deadline: number): Promise<LoadVerdict> {
    const finish = () => this.#clients.tell({ kind: "finish" });
    const late: string[] = [];
    await this.#clients
      .next("finished", () => true, finish, deadline)
      .catch(async () => late.push(...(await this.#progress())));
    const clients = this.#results("client");
    const behind = () => [...clients.keys()].some((number) => !this.#results("target").has(number));
    const end = performance.now() + 5_000;
    while (late.length === 0 && behind() && performance.now() < end) {
      await this.#target
        .next(
          "ended",
          () => true,
          () => {},
          500,
        )
        .catch(() => {});
    }
    return this.#judge(late);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#target[Symbol.asyncDispose](), this.#clients[Symbol.asyncDispose]()]);
  }

  #judge(late: readonly string[]): LoadVerdict {
    const client = this.#results("client");
    const target = this.#results("target");
    const numbers = new Set([...client.keys(), ...target.keys()]);
    const faults = [...numbers].flatMap((number) =>
      faultsOf(this.#seed, this.#length, number, { client: client.get(number), target: target.get(number) }),
    );
    const came = [...client.values(), ...target.values()].reduce((sum, result) => sum + result.came.length, 0);
    return { streams: numbers.size, octets: came, faults: [...this.#strangers(), ...late, ...faults] };
  }

  #results(end: "client" | "target"): ReadonlyMap<number, EndResult> {
    const { reports } = end === "client" ? this.#clients : this.#target;
    return new Map(
      reports.flatMap((report) => (report.kind === "ended" ? [[report.result.number, report.result]] : [])),
    );
  }

  #strangers(): readonly string[] {
    return [...this.#target.reports, ...this.#clients.reports].flatMap((report) => {
      if (report.kind === "stranger") return [`a stranger reached the target: ${report.why}`];
      return report.kind === "pulse-ended" ? [`the pulse ended ${report.why}`] : [];
    });
  }

  async #beat(begunAfter: number, endedAfter: number, act: () => void): Promise<number> {
    const begin = () => {
      act();
      this.#clients.tell({ kind: "beat", begunAfter, endedAfter });
    };
    const isIt = ({ begun, ended }: { readonly begun: number; readonly ended: number }) =>
      begun >= begunAfter && ended >= endedAfter;
    return (await this.#clients.next("beat", isIt, begin)).ended;
  }

  async #progress(): Promise<readonly string[]> {
    const ask = async (child: Child<LoadCommand, LoadReport>) =>
      (
        await child.next(
          "progress",
          () => true,
          () => child.tell({ kind: "progress" }),
        )
      ).live;
    return [...(await ask(this.#clients)), ...(await ask(this.#target))].map((line) => `not finished: ${line}`);
  }
}

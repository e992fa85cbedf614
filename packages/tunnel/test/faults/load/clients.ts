/** The near ends of the load's streams: so many live at once, and each that ends is followed by another until it is told to finish. */
import { connect } from "node:net";
import { type ClientsOptions, type LoadReport, markOf, streamMark } from "./load.ts";
import { StreamEnd } from "./stream-end.ts";
import { planOf } from "./stream-plan.ts";

export class Clients implements Disposable {
  readonly #options: ClientsOptions;
  readonly #report: (report: LoadReport) => void;
  readonly #live = new Map<number, StreamEnd>();
  #begun = 0;
  #isFinishing = false;

  constructor(options: ClientsOptions, report: (report: LoadReport) => void) {
    this.#options = options;
    this.#report = report;
    for (let number = 0; number < options.streams; number += 1) void this.#play(number);
  }

  /** Those that live end as they were meant to; no others follow. */
  finish(): void {
    this.#isFinishing = true;
    this.#lookWhetherFinished();
  }

  progress(): readonly string[] {
    return [...this.#live].map(([number, end]) => `client of ${number}: ${end.progress}`);
  }

  [Symbol.dispose](): void {
    this.#isFinishing = true;
    for (const end of this.#live.values()) end[Symbol.dispose]();
  }

  async #play(number: number): Promise<void> {
    const { seed, length, port, streams } = this.#options;
    this.#begun += 1;
    const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true, noDelay: true });
    socket.write(markOf(streamMark, number));
    const end = new StreamEnd(socket, { seed, number, sends: "up", script: planOf(seed, number, length).client });
    this.#live.set(number, end);
    const result = await end.run();
    this.#live.delete(number);
    this.#report({ kind: "ended", result });
    // One that cannot even be opened is not tried again and again.
    if (!this.#isFinishing && result.ended === "end") await this.#play(number + streams);
    else this.#lookWhetherFinished();
  }

  #lookWhetherFinished(): void {
    if (this.#isFinishing && this.#live.size === 0) this.#report({ kind: "finished", streams: this.#begun });
  }
}

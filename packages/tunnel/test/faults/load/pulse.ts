/** One stream on which a question follows each answer: how long each took, and so how long the tunnel stood still. */
import { connect, type Socket } from "node:net";
import { monotonic } from "../fault.ts";
import { type LoadReport, markOf, pulseMark } from "./load.ts";

const questionLength = 8;

interface Wait {
  readonly begunAfter: number;
  readonly endedAfter: number;
}

export class Pulse {
  readonly #socket: Socket;
  readonly #pauseMs: number;
  readonly #report: (report: LoadReport) => void;
  readonly #took: number[] = [];
  #waits: readonly Wait[] = [];
  #begun = 0;
  #count = 0;
  #came = Buffer.alloc(0);

  constructor(port: number, pauseMs: number, report: (report: LoadReport) => void) {
    this.#pauseMs = pauseMs;
    this.#report = report;
    this.#socket = connect({ host: "127.0.0.1", port, noDelay: true });
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => report({ kind: "pulse-ended", why: `after ${this.#count} answers` }));
    this.#socket.on("data", (octets: Buffer) => this.#onOctets(octets));
    this.#socket.write(markOf(pulseMark, 0));
    this.#ask();
  }

  /** Milliseconds of each question since this was last asked. */
  get taken(): readonly number[] {
    return this.#took.splice(0);
  }

  wait(wait: Wait): void {
    this.#waits = [...this.#waits, wait];
  }

  end(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.destroy();
  }

  #ask(): void {
    const question = Buffer.alloc(questionLength);
    question.writeUInt32BE(this.#count);
    this.#begun = monotonic();
    this.#socket.write(question);
  }

  #onOctets(octets: Buffer): void {
    this.#came = Buffer.concat([this.#came, octets]);
    if (this.#came.length < questionLength) return;
    const isRight = this.#came.length === questionLength && this.#came.readUInt32BE() === this.#count;
    this.#came = Buffer.alloc(0);
    if (!isRight) return void this.#socket.destroy(new Error("a wrong answer"));
    this.#count += 1;
    const begun = this.#begun;
    const ended = monotonic();
    this.#took.push(ended - begun);
    const met = this.#waits.filter(({ begunAfter, endedAfter }) => begun >= begunAfter && ended >= endedAfter);
    this.#waits = this.#waits.filter((wait) => !met.includes(wait));
    for (const _ of met) this.#report({ kind: "beat", begun, ended });
    setTimeout(() => this.#socket.destroyed || this.#ask(), this.#pauseMs);
  }
}

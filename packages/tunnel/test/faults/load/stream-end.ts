/** One end of one stream: it does what its script says on a socket, and tells what it sent, what came, and how it ended. */
import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { OctetStream } from "./octet-stream.ts";
import { Received, type WrongOctets } from "./received.ts";
import type { Script, Step } from "./stream-plan.ts";

export interface EndResult {
  readonly number: number;
  readonly sent: { readonly length: number; readonly sha256: string };
  readonly came: { readonly length: number; readonly sha256: string; readonly wrong: WrongOctets | undefined };
  /** "end" when the peer finished and so did this end; else the error's code, or what was still missing. */
  readonly ended: string;
}

export interface EndOptions {
  readonly seed: number;
  readonly number: number;
  readonly sends: "up" | "down";
  readonly script: Script;
}

export class StreamEnd implements Disposable {
  readonly #socket: Socket;
  readonly #options: EndOptions;
  readonly #octets: OctetStream;
  readonly #sentHash = createHash("sha256");
  readonly #received: Received;
  #sent = 0;
  #hasEnded = false;
  #step = "the first step";
  #failure: string | undefined;
  #onChange: () => void = () => {};

  constructor(socket: Socket, options: EndOptions) {
    const { seed, number, sends } = options;
    this.#socket = socket;
    this.#options = options;
    this.#octets = new OctetStream(seed, number, sends);
    this.#received = new Received(seed, number, sends === "up" ? "down" : "up");
    socket.on("data", (octets: Buffer) => {
      this.#received.take(octets);
      this.#onChange();
    });
    socket.on("end", () => {
      this.#hasEnded = true;
      this.#onChange();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#failure ??= error.code ?? error.message;
      this.#onChange();
    });
    for (const event of ["drain", "finish"]) socket.on(event, () => this.#onChange());
    socket.on("close", () => {
      this.#failure ??= this.#hasEnded && socket.writableFinished ? undefined : "closed";
      this.#onChange();
    });
  }

  /** How far it has come, for one that does not end. */
  get progress(): string {
    return `at ${this.#step}, ${this.#sent} octets sent, ${this.#received.length} came, ${this.#hasEnded ? "the peer has finished" : "the peer has not finished"}`;
  }

  /** When all is over, well or not. */
  async run(): Promise<EndResult> {
    for (const step of this.#options.script) {
      if (this.#failure !== undefined) break;
      this.#step = step.kind;
      await this.#perform(step);
    }
    this.#step = "its own end";
    this.#socket.end();
    await this.#until(() => this.#hasEnded && this.#socket.writableFinished);
    this.#socket.destroy();
    return this.result(this.#failure ?? "end");
  }

  result(ended: string): EndResult {
    return {
      number: this.#options.number,
      sent: { length: this.#sent, sha256: this.#sentHash.digest("hex") },
      came: { length: this.#received.length, sha256: this.#received.digest(), wrong: this.#received.wrong },
      ended,
    };
  }

  [Symbol.dispose](): void {
    this.#socket.resetAndDestroy();
  }

  async #perform(step: Step): Promise<void> {
    if (step.kind === "send") await this.#send(step.octets);
    else if (step.kind === "pause") await delay(step.ms);
    else if (step.kind === "await") await this.#until(() => this.#received.length >= step.octets);
    else await this.#until(() => this.#hasEnded);
  }

  async #send(count: number): Promise<void> {
    for (let left = count; left > 0 && this.#failure === undefined; ) {
      const octets = this.#octets.take(Math.min(left, 1 << 16));
      left -= octets.length;
      this.#sentHash.update(octets);
      this.#sent += octets.length;
      if (!this.#socket.write(octets)) await this.#until(() => !this.#socket.writableNeedDrain);
    }
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo() && this.#failure === undefined) await new Promise<void>((resolve) => (this.#onChange = resolve));
  }
}

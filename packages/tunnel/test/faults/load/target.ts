/** The far ends of the load's streams: a server that plays the target's part of whatever stream a connection says it is. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { type LoadOptions, type LoadReport, markLength, pulseMark, streamMark } from "./load.ts";
import { StreamEnd } from "./stream-end.ts";
import { planOf } from "./stream-plan.ts";

export class Target implements Disposable {
  readonly #options: LoadOptions;
  readonly #report: (report: LoadReport) => void;
  readonly #live = new Map<number, StreamEnd>();
  #server: Server | undefined;

  constructor(options: LoadOptions, report: (report: LoadReport) => void) {
    this.#options = options;
    this.#report = report;
  }

  async listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => void this.#onSocket(socket));
    this.#server = server;
    server.listen({ host: "127.0.0.1", port: 0, backlog: 511 });
    await once(server, "listening");
    this.#report({ kind: "listening", port: (server.address() as AddressInfo).port });
  }

  progress(): readonly string[] {
    return [...this.#live].map(([number, end]) => `target of ${number}: ${end.progress}`);
  }

  /** Those that live go with their clients. */
  [Symbol.dispose](): void {
    this.#server?.close();
  }

  async #onSocket(socket: Socket): Promise<void> {
    const mark = await readMark(socket);
    if (typeof mark === "string") {
      socket.destroy();
      this.#report({ kind: "stranger", why: mark });
      return;
    }
    const what = mark.toString("latin1", 0, 4);
    if (what === pulseMark) {
      socket.on("error", () => {});
      socket.on("data", (octets) => socket.write(octets));
      socket.on("end", () => socket.end());
      return;
    }
    if (what !== streamMark) return this.#report({ kind: "stranger", why: `it begins with ${mark.toString("hex")}` });
    await this.#play(socket, mark.readUInt32BE(4));
  }

  async #play(socket: Socket, number: number): Promise<void> {
    const { seed, length } = this.#options;
    const end = new StreamEnd(socket, { seed, number, sends: "down", script: planOf(seed, number, length).target });
    this.#live.set(number, end);
    const result = await end.run();
    this.#live.delete(number);
    this.#report({ kind: "ended", result });
  }
}

/** The first octets, or why there are none. */
function readMark(socket: Socket): Promise<Buffer | string> {
  return new Promise((resolve) => {
    const settle = (mark: Buffer | string) => {
      for (const event of ["readable", "error", "close"]) socket.removeAllListeners(event);
      socket.on("error", () => {});
      resolve(mark);
    };
    socket.on("readable", () => {
      const mark: Buffer | null = socket.read(markLength);
      if (mark?.length === markLength) settle(mark);
      else if (mark !== null || socket.readableEnded) settle(`it said ${mark?.toString("hex") ?? "nothing"} and ended`);
    });
    socket.on("error", (error) => settle(error.message));
    socket.on("close", () => settle("it was closed at once"));
  });
}

/** The events of one TCP connection, written down in their order, and waits for what they come to. */
import type { TcpClosed, TcpConnection, TcpEvents } from "@ropewalk/host/tcp";

type Told = "octets" | "end" | "writable" | `closed ${string}`;

export class Recorder implements TcpEvents {
  /** Octets that follow each other are told once. */
  readonly told: Told[] = [];
  readonly #chunks: Uint8Array[] = [];
  readonly #room: Uint8Array;
  readonly #waiting = new Set<() => void>();
  isReading = true;
  /** Called with each event after it is written down, `room` too. */
  also: (event: "room" | "octets" | "end" | "writable" | "closed") => void = () => {};

  constructor(roomBytes = 65_536) {
    this.#room = new Uint8Array(roomBytes);
  }

  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.received.toString("latin1");
  }

  get isClosed(): boolean {
    return this.told.at(-1)?.startsWith("closed") ?? false;
  }

  readonly room = (): Uint8Array | undefined => {
    this.also("room");
    return this.isReading ? this.#room : undefined;
  };

  readonly onOctets = (octets: Uint8Array): void => {
    this.#chunks.push(octets.slice());
    if (this.told.at(-1) !== "octets") this.told.push("octets");
    this.#tell("octets");
  };

  readonly onEnd = (): void => {
    this.told.push("end");
    this.#tell("end");
  };

  readonly onWritable = (): void => {
    this.told.push("writable");
    this.#tell("writable");
  };

  readonly onClosed = (how: TcpClosed): void => {
    this.told.push(`closed ${how.kind === "failed" ? how.code : "ended"}`);
    this.#tell("closed");
  };

  /** Resolves when `isSo`, which is asked after each event; rejects after ten seconds. */
  async until(isSo: () => boolean): Promise<void> {
    if (isSo()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error(`did not come: told [${this.told.join(", ")}]`)), 30_000);
    const look = () => isSo() && resolve();
    this.#waiting.add(look);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  closed(): Promise<void> {
    return this.until(() => this.isClosed);
  }

  #tell(event: "octets" | "end" | "writable" | "closed"): void {
    this.also(event);
    for (const look of this.#waiting) look();
  }
}

/** Starts `connection` with a recorder of its own. */
export function record(connection: TcpConnection, recorder: Recorder = new Recorder()): Recorder {
  connection.start(recorder);
  return recorder;
}

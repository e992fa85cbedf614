/** One connection through the fault proxy: two sockets, a passage each way, and how it ends. It keeps what its opener said first. */
import { connect, type Socket } from "node:net";
import type { Act, ConnectionKind, Direction, Octets } from "./fault.ts";
import type { Mark } from "./octet-changes.ts";
import { Passage } from "./passage.ts";

/** For a stranger who says it again. */
const mostKept = 1 << 18;

export interface RelayedEvents {
  readonly onKind: (connection: RelayedConnection, kind: ConnectionKind) => void;
  readonly onMark: (connection: RelayedConnection, mark: Mark, direction: Direction) => void;
  readonly onGone: (connection: RelayedConnection) => void;
}

export class RelayedConnection {
  readonly id: number;
  readonly #opener: Socket;
  readonly #answerer: Socket;
  readonly #passages: Readonly<Record<Direction, Passage>>;
  readonly #events: RelayedEvents;
  readonly #kept: Buffer[] = [];
  #keptOctets = 0;
  #kind: ConnectionKind | undefined;
  #passed = { up: 0, down: 0 };
  #closed = 0;
  #isSilent = false;
  halfCloseBecomes: "half-close" | "close" = "half-close";

  constructor(id: number, opener: Socket, port: number, events: RelayedEvents) {
    this.id = id;
    this.#events = events;
    this.#opener = opener;
    this.#answerer = connect({ host: "127.0.0.1", port, allowHalfOpen: true, noDelay: true });
    opener.setNoDelay(true);
    // Before the passage reads: rules of this kind begin with the first octet.
    opener.on("data", (octets: Buffer) => this.#onSaid(octets));
    this.#answerer.on("data", (octets: Buffer) => {
      this.#passed.down += octets.length;
    });
    this.#passages = {
      up: this.#passage("up", opener, this.#answerer),
      down: this.#passage("down", this.#answerer, opener),
    };
    for (const [socket, other] of [
      [opener, this.#answerer],
      [this.#answerer, opener],
    ] as const) {
      socket.on("error", () => {
        if (!this.#isSilent) other.resetAndDestroy();
      });
      socket.on("close", () => this.#onClose());
    }
    opener.resume();
  }

  get kind(): ConnectionKind | undefined {
    return this.#kind;
  }

  get passed(): Octets {
    return { ...this.#passed };
  }

  /** What the opener said, from its first octet, as far as it is kept. */
  get said(): Buffer {
    return Buffer.concat(this.#kept);
  }

  mark(direction: Direction, mark: Mark): void {
    this.#passages[direction].changes.add(mark);
  }

  unmark(rule: number): void {
    for (const passage of [this.#passages.up, this.#passages.down]) passage.changes.remove(rule);
  }

  hold(isHeld: boolean): void {
    for (const passage of [this.#passages.up, this.#passages.down]) passage.hold(isHeld);
  }

  silence(): void {
    this.#isSilent = true;
    for (const passage of [this.#passages.up, this.#passages.down]) passage.silence();
  }

  /** What concerns this connection alone. */
  perform(act: Act, direction: Direction): void {
    if (act.kind === "reset") {
      this.silence();
      for (const socket of [this.#opener, this.#answerer]) socket.resetAndDestroy();
    } else if (act.kind === "fin") {
      this.silence();
      for (const socket of [this.#opener, this.#answerer]) socket.end();
    } else if (act.kind === "silence") this.silence();
    else if (act.kind === "mute") this.#passages[direction].silence();
    else this.#passages[direction].shape(act);
  }

  destroy(): void {
    this.silence();
    for (const socket of [this.#opener, this.#answerer]) socket.destroy();
  }

  #onSaid(octets: Buffer): void {
    this.#passed.up += octets.length;
    if (this.#keptOctets < mostKept) {
      this.#kept.push(Buffer.from(octets.subarray(0, mostKept - this.#keptOctets)));
      this.#keptOctets += octets.length;
    }
    if (this.#kind !== undefined) return;
    this.#kind = octets[0] === 0x16 ? "handshake" : "lane";
    this.#events.onKind(this, this.#kind);
  }

  #passage(direction: Direction, from: Socket, to: Socket): Passage {
    return new Passage(from, to, {
      onMark: (mark) => this.#events.onMark(this, mark, direction),
      onEnd: () => {
        to.end();
        if (this.halfCloseBecomes === "close") from.end();
        if (this.halfCloseBecomes === "close") this.silence();
      },
    });
  }

  #onClose(): void {
    this.#closed += 1;
    if (this.#closed === 2) this.#events.onGone(this);
  }
}

/**
 * Relays TCP on loopback, and does to it what rules and commands say, each at its octet; it reports when each connection came and
 * what was done to it. Its own chance is none: whoever arms it decides.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import {
  type Act,
  type ConnectionKind,
  type Direction,
  monotonic,
  type ProxyCommand,
  type ProxyReport,
  type Rule,
} from "./fault.ts";
import type { Mark } from "./octet-changes.ts";
import { RelayedConnection } from "./relayed-connection.ts";

/** Of the connections that are over, how many can still be repeated by a stranger. */
const mostRemembered = 64;

export class FaultProxy implements Disposable {
  readonly #target: number;
  readonly #report: (report: ProxyReport) => void;
  #server: Server | undefined;
  #port = 0;
  #rules: readonly Rule[] = [];
  readonly #live = new Map<number, RelayedConnection>();
  /** Rules that wait for their octet on a connection; one that goes before leaves them to the next. */
  readonly #unmet = new Map<number, readonly Rule[]>();
  /** Besides those that live, such as are silent. */
  readonly #all = new Set<RelayedConnection>();
  readonly #heard = new Map<number, Buffer>();
  /** Connections that came while the link was away. */
  readonly #waiting: Socket[] = [];
  #lastId = 0;
  #link: "there" | "away" | "stalled" = "there";
  #halfClose: "half-close" | "close" = "half-close";
  #passed = { up: 0, down: 0 };

  constructor(target: number, report: (report: ProxyReport) => void) {
    this.#target = target;
    this.#report = report;
  }

  /** On a port of the system's choice, and on the same one ever after. */
  async listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => this.#onSocket(socket));
    this.#server = server;
    server.listen({ host: "127.0.0.1", port: this.#port, backlog: 511 });
    await once(server, "listening");
    this.#port = (server.address() as AddressInfo).port;
    this.#report({ kind: "listening", port: this.#port });
  }

  async obey(command: ProxyCommand): Promise<void> {
    switch (command.kind) {
      case "arm":
        this.#arm(command.rule);
        return;
      case "disarm":
        this.#rules = without(this.#rules, command.rule);
        for (const [connection, rules] of this.#unmet) this.#unmet.set(connection, without(rules, command.rule));
        for (const connection of this.#live.values()) connection.unmark(command.rule);
        return;
      case "act":
        this.#actOnAll(command.act);
        return;
      case "refuse":
        this.#server?.close();
        return;
      case "listen":
        await this.listen();
        return;
      case "replay":
        this.#replay(command.connection, command.octets);
        return;
      case "half-close":
        this.#halfClose = command.becomes;
        return;
      case "tally":
        this.#report({ kind: "tally", live: this.#live.size, passed: this.#total() });
        return;
    }
  }

  [Symbol.dispose](): void {
    this.#server?.close();
    for (const connection of [...this.#all]) connection.destroy();
  }

  #arm(rule: Rule): void {
    if (rule.which !== "live") {
      this.#rules = [...this.#rules, rule];
      return;
    }
    const found = [...this.#live.values()].filter(({ kind }) => rule.of === "any" || rule.of === kind).at(-1);
    if (found === undefined) this.#arm({ ...rule, which: "next" });
    else {
      found.mark(rule.direction, markOf(rule, found.passed[rule.direction]));
      this.#unmet.set(found.id, [...(this.#unmet.get(found.id) ?? []), rule]);
    }
  }

  #onSocket(socket: Socket): void {
    socket.on("error", () => {});
    if (this.#link === "there") this.#relay(socket);
    else this.#waiting.push(socket);
  }

  #relay(socket: Socket): void {
    if (socket.destroyed) return;
    this.#lastId += 1;
    const connection = new RelayedConnection(this.#lastId, socket, this.#target, {
      onKind: (came, kind) => this.#onKind(came, kind),
      onMark: (reached, mark, direction) => this.#onMark(reached, mark, direction),
      onGone: (gone) => this.#onGone(gone),
    });
    connection.halfCloseBecomes = this.#halfClose;
    this.#live.set(connection.id, connection);
    this.#all.add(connection);
  }

  #onKind(connection: RelayedConnection, kind: ConnectionKind): void {
    this.#report({ kind: "came", connection: connection.id, at: monotonic(), of: kind });
    const meant = this.#rules.filter(({ of }) => of === "any" || of === kind);
    for (const rule of meant) connection.mark(rule.direction, markOf(rule, 0));
    this.#rules = this.#rules.filter((rule) => rule.which === "each" || !meant.includes(rule));
    this.#unmet.set(
      connection.id,
      meant.filter(({ which }) => which !== "each"),
    );
  }

  #onMark(connection: RelayedConnection, { rule, act }: Mark, direction: Direction): void {
    const { passed } = connection;
    this.#report({ kind: "did", rule, connection: connection.id, at: monotonic(), passed });
    this.#unmet.set(connection.id, without(this.#unmet.get(connection.id) ?? [], rule));
    if (act.kind === "blackhole" || act.kind === "stall") this.#actOnAll(act);
    else connection.perform(act, direction);
    if (endsConnection(act)) this.#forget(connection);
  }

  #actOnAll(act: Act): void {
    this.#report({ kind: "did", rule: 0, connection: 0, at: monotonic(), passed: this.#total() });
    if (act.kind === "blackhole") this.#goAway("away", act.ms);
    else if (act.kind === "stall") this.#goAway("stalled", act.ms);
    else {
      for (const connection of [...this.#live.values()]) {
        for (const direction of ["up", "down"] as const) connection.perform(act, direction);
        if (endsConnection(act)) this.#forget(connection);
      }
    }
  }

  #goAway(link: "away" | "stalled", ms: number): void {
    if (this.#link !== "there") return;
    this.#link = link;
    const met = [...this.#live.values()];
    for (const connection of met) {
      if (link === "stalled") connection.hold(true);
      else {
        connection.silence();
        this.#forget(connection);
      }
    }
    setTimeout(() => {
      this.#link = "there";
      this.#report({ kind: "returned", at: monotonic() });
      if (link === "stalled") for (const connection of met) connection.hold(false);
      for (const socket of this.#waiting.splice(0)) this.#relay(socket);
    }, ms);
  }

  /** It lives no longer as far as rules are concerned. */
  #forget(connection: RelayedConnection): void {
    if (!this.#live.delete(connection.id)) return;
    const { passed, kind } = connection;
    this.#passed = { up: this.#passed.up + passed.up, down: this.#passed.down + passed.down };
    this.#heard.set(connection.id, connection.said);
    for (const id of this.#heard.keys()) if (this.#heard.size > mostRemembered) this.#heard.delete(id);
    this.#report({ kind: "gone", connection: connection.id, at: monotonic(), of: kind, passed });
    const unmet = this.#unmet.get(connection.id) ?? [];
    this.#unmet.delete(connection.id);
    this.#rules = [...this.#rules, ...unmet.map((rule): Rule => ({ ...rule, which: "next" }))];
  }

  #onGone(connection: RelayedConnection): void {
    this.#all.delete(connection);
    this.#forget(connection);
  }

  #replay(id: number, octets: number): void {
    const said = (this.#live.get(id)?.said ?? this.#heard.get(id) ?? Buffer.alloc(0)).subarray(0, octets);
    const socket = connect({ host: "127.0.0.1", port: this.#target, noDelay: true });
    let heard = 0;
    let ended = "closed";
    socket.on("data", (answer: Buffer) => {
      heard += answer.length;
    });
    socket.on("end", () => (ended = "end"));
    socket.on("error", (error: NodeJS.ErrnoException) => (ended = error.code ?? error.message));
    socket.on("close", () => this.#report({ kind: "replayed", connection: id, sent: said.length, heard, ended }));
    socket.write(said);
  }

  #total(): { readonly up: number; readonly down: number } {
    let { up, down } = this.#passed;
    for (const { passed } of this.#live.values()) {
      up += passed.up;
      down += passed.down;
    }
    return { up, down };
  }
}

function without(rules: readonly Rule[], rule: number): readonly Rule[] {
  return rules.filter(({ id }) => id !== rule);
}

function markOf({ id, after, act }: Rule, from: number): Mark {
  return { rule: id, at: from + after, act };
}

function endsConnection({ kind }: Act): boolean {
  return kind === "fin" || kind === "reset" || kind === "silence";
}

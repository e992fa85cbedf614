/** Writes small histories by hand: customers are their own devices and keys. */
import type {
  Commit,
  DeviceWrite,
  Epoch,
  HistoryTerms,
  NodeAnswer,
  PlacementRow,
  Request,
  RowChange,
  SessionRow,
  ToldSession,
} from "./history.ts";

const lasts = 10_000;

export class HistoryWriter {
  readonly terms: HistoryTerms = { tolerance: 1, delivery: 1_000, keys: new Map() };
  readonly #rows: Rows;
  readonly #commits: Commit[] = [];
  readonly #writes: DeviceWrite[] = [];
  readonly #answers: NodeAnswer[] = [];
  readonly #requests: Request[] = [];
  readonly #outages: { readonly from: number; readonly to: number }[] = [];
  #untold: string | undefined;

  constructor(rows: Rows = new Rows()) {
    this.#rows = rows;
  }

  /** Behind a settled moment. */
  next(): HistoryWriter {
    return new HistoryWriter(this.#rows);
  }

  epoch(): Epoch {
    const isTold = ({ source, row }: RowChange) => source !== "audit" || row.action !== this.#untold;
    const commits = this.#commits
      .toSorted((one, other) => one.at - other.at)
      .map(({ at, changes }) => ({ at, changes: changes.filter(isTold) }));
    return { commits, writes: this.#writes, answers: this.#answers, requests: this.#requests, outages: this.#outages };
  }

  commit(at: number, change: (rows: Rows) => void): this {
    change(this.#rows);
    this.#commits.push({ at, changes: this.#rows.taken() });
    return this;
  }

  set(at: number, node: string, key: string, ...addresses: readonly string[]): this {
    this.#writes.push({ kind: "set", node, at, key, addresses });
    return this;
  }

  remove(at: number, node: string, key: string): this {
    this.#writes.push({ kind: "removed", node, at, key });
    return this;
  }

  empty(at: number, node: string): this {
    this.#writes.push({ kind: "emptied", node, at });
    return this;
  }

  answer(at: number, node: string, placement: string, generation: number, answer: NodeAnswer["answer"]): this {
    this.#answers.push({ at, node, placement, generation, answer });
    return this;
  }

  told(beganAt: number, endedAt: number, what: Request["what"], customer: string, session: ToldSession): this {
    this.#requests.push({ what, customer, key: `${endedAt}`, beganAt, endedAt, outcome: { kind: "session", session } });
    return this;
  }

  toldEnd(beganAt: number, endedAt: number, customer: string, id: string, isConfirmed: boolean): this {
    const session: ToldSession = { id, state: "terminated", place: undefined };
    const outcome = { kind: "session", session, isConfirmed } as const;
    this.#requests.push({ what: "end", customer, key: `${endedAt}`, beganAt, endedAt, outcome });
    return this;
  }

  looked(beganAt: number, endedAt: number, customer: string, session: ToldSession | undefined): this {
    const none = { kind: "problem", status: 404, code: "no-session" } as const;
    const outcome = session === undefined ? none : ({ kind: "session", session } as const);
    this.#requests.push({ what: "current", customer, key: undefined, beganAt, endedAt, outcome });
    return this;
  }

  /** A start that was asked with this key, once more. */
  repeated(key: string, code: string): this {
    const outcome = { kind: "problem", status: 409, code } as const;
    this.#requests.push({ what: "start", customer: "bert", key, beganAt: 100, endedAt: 110, outcome });
    return this;
  }

  away(from: number, to: number): this {
    this.#outages.push({ from, to });
    return this;
  }

  without(action: string): this {
    this.#untold = action;
    return this;
  }
}

/** As they are by now, and what has changed since they were taken. */
class Rows {
  readonly #sessions = new Map<string, SessionRow>();
  readonly #placements = new Map<string, PlacementRow>();
  #changes: RowChange[] = [];
  #generation = 0;

  taken(): readonly RowChange[] {
    return this.#changes.splice(0);
  }

  begin(id: string, customer: string): this {
    this.#putSession({ id, customer, device: customer, state: "provisioning" });
    this.#changes.push({ source: "audit", isGone: false, row: { action: "session.start", subject: id } });
    return this;
  }

  state(id: string, state: SessionRow["state"]): this {
    this.#putSession({ ...(this.#sessions.get(id) as SessionRow), state });
    return this;
  }

  place(id: string, session: string, node: string, address: string): this {
    const { device } = this.#sessions.get(session) as SessionRow;
    this.#putPlacement({ id, session, node, device, role: "coming", until: lasts });
    this.#changes.push({ source: "addresses", isGone: false, row: { node, address, placement: id } });
    this.#generation += 1;
    return this.order(node, this.#generation);
  }

  role(id: string, role: PlacementRow["role"]): this {
    this.#putPlacement({ ...(this.#placements.get(id) as PlacementRow), role });
    return this;
  }

  until(id: string, until: number): this {
    this.#putPlacement({ ...(this.#placements.get(id) as PlacementRow), until });
    return this;
  }

  order(node: string, generation: number): this {
    this.#changes.push({ source: "outbox", isGone: false, row: { node, generation } });
    return this;
  }

  #putSession(row: SessionRow): void {
    this.#sessions.set(row.id, row);
    this.#changes.push({ source: "sessions", isGone: false, row });
  }

  #putPlacement(row: PlacementRow): void {
    this.#placements.set(row.id, row);
    this.#changes.push({ source: "placements", isGone: false, row });
  }
}

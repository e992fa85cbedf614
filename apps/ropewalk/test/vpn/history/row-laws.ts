/** The laws that the database's rows must keep at each commit, and what they make of sessions and placements. */
import type { Commit, HistoryTerms, PlacementRow, RowChange, SessionRow } from "./history.ts";

export interface KnownSession extends SessionRow {
  readonly beganAt: number;
  readonly overAt: number;
}

export interface KnownPlacement extends PlacementRow {
  readonly key: string;
  readonly addresses: readonly string[];
  readonly cameAt: number;
  readonly currentAt: number;
  readonly drainingAt: number;
  readonly releasedAt: number;
}

const never = Number.POSITIVE_INFINITY;
const single = ["coming", "current", "draining"] as const;

export class RowLaws {
  readonly sessions: Map<string, KnownSession> = new Map();
  readonly placements: Map<string, KnownPlacement> = new Map();
  readonly #terms: HistoryTerms;
  readonly #owners = new Map<string, string>();
  readonly #generations = new Map<string, number>();
  readonly #ofCustomer = new Map<string, Set<string>>();
  readonly #ofSession = new Map<string, Set<string>>();
  readonly #onNode = new Map<string, Set<string>>();

  constructor(terms: HistoryTerms) {
    this.#terms = terms;
  }

  /** Of a session, released ones too. */
  placesOf(session: string): readonly KnownPlacement[] {
    return [...(this.#ofSession.get(session) ?? [])].flatMap((id) => this.placements.get(id) ?? []);
  }

  /** That ever were for this key on this node. */
  placesFor(node: string, key: string): readonly KnownPlacement[] {
    return [...(this.#onNode.get(`${node} ${key}`) ?? [])].flatMap((id) => this.placements.get(id) ?? []);
  }

  sessionsOf(customer: string): readonly KnownSession[] {
    return [...(this.#ofCustomer.get(customer) ?? [])].flatMap((id) => this.sessions.get(id) ?? []);
  }

  /** What is broken by it. */
  commit({ at, changes }: Commit): readonly string[] {
    const faults: string[] = [];
    const touched = new Set<string>();
    const drained = changes.some(
      ({ source, row, isGone }) => source === "placements" && !isGone && row.role === "draining",
    );
    for (const change of changes) {
      if (change.source === "sessions") {
        faults.push(...this.#session(change, changes, at));
        touched.add(change.row.id);
      } else if (change.source === "placements") {
        faults.push(...this.#placement(change, at, drained));
        touched.add(change.row.session);
      } else if (change.source === "outbox" && !change.isGone) faults.push(...this.#order(change.row));
    }
    // An address may be given back and given away by one transaction.
    const addresses = changes.filter((change) => change.source === "addresses");
    for (const { row, isGone } of addresses.filter((one) => one.isGone || one.row.placement === null))
      if (isGone || row.placement === null) this.#owners.delete(`${row.node} ${row.address}`);
    for (const { row, isGone } of addresses)
      if (!isGone && row.placement !== null) faults.push(...this.#own(row.node, row.address, row.placement));
    for (const session of touched) faults.push(...this.#whole(session));
    return faults;
  }

  /** What is over is of no use to what comes behind a settled moment. */
  forget(): void {
    for (const placement of this.placements.values()) {
      if (placement.role !== "released") continue;
      this.placements.delete(placement.id);
      leave(this.#ofSession, placement.session, placement.id);
      leave(this.#onNode, `${placement.node} ${placement.key}`, placement.id);
    }
    for (const session of this.sessions.values()) {
      if (isLive(session)) continue;
      this.sessions.delete(session.id);
      leave(this.#ofCustomer, session.customer, session.id);
    }
  }

  #session(
    { row, isGone }: RowChange & { readonly source: "sessions" },
    changes: readonly RowChange[],
    at: number,
  ): readonly string[] {
    const known = this.sessions.get(row.id);
    if (isGone) return known !== undefined && isLive(known) ? [`session ${row.id} is forgotten while it is live`] : [];
    const isOver = !isLive(row);
    const wasOver = known !== undefined && !isLive(known);
    const overAt = wasOver ? known.overAt : isOver ? at : never;
    this.sessions.set(row.id, { ...row, beganAt: known?.beganAt ?? at, overAt });
    join(this.#ofCustomer, row.customer, row.id);
    const faults: string[] = [];
    if (wasOver) faults.push(`law 1: session ${row.id} was over, and is written anew, as ${row.state}`);
    const live = this.sessionsOf(row.customer).filter(isLive);
    if (live.length > 1) faults.push(`law 1: customer ${row.customer} has ${live.length} sessions that are not over`);
    const isTold = (action: string) =>
      changes.some(({ source, row: told }) => source === "audit" && told.action === action && told.subject === row.id);
    if (known === undefined && !isTold("session.start"))
      faults.push(`audit: session ${row.id} began untold, as ${row.state}`);
    if (row.state === "failed" && known?.state !== "failed" && !isTold("session.failed"))
      faults.push(`audit: session ${row.id} failed untold`);
    return faults;
  }

  #placement(
    { row, isGone }: RowChange & { readonly source: "placements" },
    at: number,
    drained: boolean,
  ): readonly string[] {
    const known = this.placements.get(row.id);
    if (isGone)
      return known !== undefined && known.role !== "released" ? [`placement ${row.id} is forgotten unreleased`] : [];
    const key = this.#terms.keys.get(row.device) ?? row.device;
    const since = (role: PlacementRow["role"], before = never) => (before < never || row.role !== role ? before : at);
    this.placements.set(row.id, {
      ...{ ...row, key, addresses: known?.addresses ?? [], cameAt: known?.cameAt ?? at },
      currentAt: since("current", known?.currentAt),
      drainingAt: since("draining", known?.drainingAt),
      releasedAt: since("released", known?.releasedAt),
    });
    join(this.#ofSession, row.session, row.id);
    join(this.#onNode, `${row.node} ${key}`, row.id);
    const faults: string[] = [];
    if (known?.role === "released" && row.role !== "released")
      faults.push(`placement ${row.id} came back as ${row.role}`);
    if (known !== undefined && row.until < known.until - this.#terms.tolerance)
      faults.push(`law 5: placement ${row.id} is reserved for less than before`);
    const { delivery, tolerance } = this.#terms;
    const isGivenUp = known?.role === "draining" && row.role === "orphaned" && !drained;
    if (isGivenUp && at - known.drainingAt < delivery - tolerance)
      faults.push(`law 7: placement ${row.id} drained for ${Math.round(at - known.drainingAt)} ms, and was given up`);
    const held = this.placesFor(row.node, key).filter(({ role }) => role !== "released");
    if (held.length > 1) faults.push(`law 6: key ${key} belongs to ${held.length} placements on node ${row.node}`);
    return faults;
  }

  #order({ node, generation }: { readonly node: string; readonly generation: number }): readonly string[] {
    const last = this.#generations.get(node) ?? 0;
    this.#generations.set(node, Math.max(last, generation));
    return generation > last ? [] : [`generation ${generation} of node ${node} was ordered behind ${last}`];
  }

  #own(node: string, address: string, placement: string): readonly string[] {
    const name = `${node} ${address}`;
    const owner = this.#owners.get(name);
    this.#owners.set(name, placement);
    const known = this.placements.get(placement);
    if (known !== undefined && !known.addresses.includes(address))
      this.placements.set(placement, { ...known, addresses: [...known.addresses, address] });
    return owner === undefined || owner === placement ? [] : [`law 6: ${address} of node ${node} has two owners`];
  }

  #whole(id: string): readonly string[] {
    const session = this.sessions.get(id);
    const faults: string[] = [];
    const places = this.placesOf(id);
    for (const role of single)
      if (places.filter((place) => place.role === role).length > 1)
        faults.push(`law 2: session ${id} has two that are ${role}`);
    if (session !== undefined && !isLive(session) && places.some(({ role }) => role === "draining"))
      faults.push(`law 7: session ${id} is over while its node is waited for`);
    if (session?.state === "active" && !places.some(({ role }) => role === "current"))
      faults.push(`law 2: session ${id} is active and has no place`);
    return faults;
  }
}

export function isLive({ state }: Pick<SessionRow, "state">): boolean {
  return state !== "terminated" && state !== "failed";
}

function join(sets: Map<string, Set<string>>, name: string, id: string): void {
  const known = sets.get(name);
  if (known === undefined) sets.set(name, new Set([id]));
  else known.add(id);
}

function leave(sets: Map<string, Set<string>>, name: string, id: string): void {
  const known = sets.get(name);
  known?.delete(id);
  if (known?.size === 0) sets.delete(name);
}

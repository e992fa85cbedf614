/**
 * Checks a history against the invariant of docs/protocols/vpn-control.md, epoch by epoch: what is over at the end of one is forgotten. It knows no more
 * than what is written in the history.
 */
import { judgeRequests } from "./answer-laws.ts";
import { DeviceLaws } from "./device-laws.ts";
import type { Epoch, HistoryTerms } from "./history.ts";
import { isLive, RowLaws } from "./row-laws.ts";

const never = Number.POSITIVE_INFINITY;

export class HistoryChecker {
  readonly #rows: RowLaws;
  readonly #devices: DeviceLaws;
  readonly #terms: HistoryTerms;

  constructor(terms: HistoryTerms) {
    this.#terms = terms;
    this.#rows = new RowLaws(terms);
    this.#devices = new DeviceLaws(this.#rows, terms);
  }

  /** The laws that are broken, in words. At the end of the epoch nothing is under way and nothing is lost any more. */
  check(epoch: Epoch): readonly string[] {
    const { commits, writes, answers } = epoch;
    const faults = [
      ...commits.flatMap((commit) => this.#rows.commit(commit)),
      ...writes.flatMap((write) => this.#devices.write(write)),
      ...answers.flatMap((answer) => this.#devices.answer(answer)),
      ...this.#devices.judge(),
      ...this.#devices.judgeAnswers(answers),
      ...this.#judgeCurrent(epoch),
      ...judgeRequests(epoch, { rows: this.#rows, devices: this.#devices, terms: this.#terms }),
      ...this.#judgeRest(),
    ];
    this.#rows.forget();
    this.#devices.forget();
    return faults;
  }

  /** A placement is current only when its node has said that it has the peer. */
  #judgeCurrent({ answers, commits }: Epoch): readonly string[] {
    const placedAt = new Map<string, number>();
    for (const { placement, answer, at } of answers)
      if (answer === "placed" && !placedAt.has(placement)) placedAt.set(placement, at);
    const began = commits[0]?.at ?? never;
    return [...this.#rows.placements.values()]
      .filter(({ currentAt }) => began <= currentAt && currentAt < never)
      .filter(({ id, currentAt }) => (placedAt.get(id) ?? never) > currentAt + this.#terms.tolerance)
      .map(({ id }) => `law 3: placement ${id} became current, and its node had not said that it has it`);
  }

  /** Law 8: each active session is carried by the node of its current placement, and nobody else is carried. */
  #judgeRest(): readonly string[] {
    const faults: string[] = [];
    const wanted = new Map<string, string>();
    for (const { id, state, customer } of this.#rows.sessions.values()) {
      if (!isLive({ state })) continue;
      const [place, second] = this.#rows.placesOf(id).filter(({ role }) => role !== "released");
      if (state !== "active" || place?.role !== "current" || second !== undefined)
        faults.push(
          `law 8: the session ${id} of customer ${customer} is ${state} at last, and has a place that is ${second?.role ?? place?.role}`,
        );
      else wanted.set(`${place.node} ${place.key}`, place.addresses.toSorted().join());
    }
    for (const { id, role, session } of this.#rows.placements.values())
      if (role !== "released" && !this.#isLive(session)) faults.push(`law 8: placement ${id} is ${role} at last`);
    for (const node of this.#devices.nodes)
      for (const { key, addresses } of this.#devices.carried(node)) {
        if (wanted.get(`${node} ${key}`) !== addresses.join())
          faults.push(`law 8: node ${node} carries ${key} at last`);
        wanted.delete(`${node} ${key}`);
      }
    for (const name of wanted.keys()) faults.push(`law 8: ${name} is carried by nobody at last`);
    return faults;
  }

  #isLive(session: string): boolean {
    const known = this.#rows.sessions.get(session);
    return known !== undefined && isLive(known);
  }
}

/** What whoever asked was told, beside what was so. */
import type { DeviceLaws } from "./device-laws.ts";
import type { Epoch, HistoryTerms, Outcome, Request, ToldSession } from "./history.ts";
import type { KnownPlacement, KnownSession, RowLaws } from "./row-laws.ts";

export interface AnswerLaws {
  readonly rows: RowLaws;
  readonly devices: DeviceLaws;
  readonly terms: HistoryTerms;
}

/** They say that nothing was decided, or that nobody knows. */
const undecided = new Set(["under-way", "unavailable", "unsure", "too-many-requests"]);

/** The laws that the answers of an epoch break. */
export function judgeRequests({ requests, outages }: Epoch, laws: AnswerLaws): readonly string[] {
  const ends = Map.groupBy(
    requests.filter(({ what }) => what === "end"),
    ({ customer }) => customer,
  );
  return [
    ...requests.flatMap((request) => judge(request, laws, ends.get(request.customer) ?? [])),
    ...judgeRepeats(requests, outages),
  ];
}

function judge(request: Request, laws: AnswerLaws, ends: readonly Request[]): readonly string[] {
  const { what, outcome, customer } = request;
  if (outcome.kind === "problem" && outcome.code === "internal") return [`a request to ${what} failed by a defect`];
  if (what === "current") return judgeLook(request, laws, ends);
  if (outcome.kind !== "session") return [];
  const { session } = outcome;
  const known = laws.rows.sessions.get(session.id);
  if (known !== undefined && known.customer !== customer) return [`customer ${customer} was told of another's session`];
  if (what !== "end") return judgePlace(session, request.endedAt, laws);
  return known === undefined ? [] : judgeEnd(known, outcome.isConfirmed === true, request.endedAt, laws);
}

/** Who is told to be active has the peer on his node by then. */
function judgePlace({ id, place }: ToldSession, at: number, { rows, devices, terms }: AnswerLaws): readonly string[] {
  const own = place?.addresses.toSorted().join();
  const placement = rows
    .placesOf(id)
    .find(({ node, addresses }) => node === place?.node && addresses.toSorted().join() === own);
  if (placement === undefined) return [`session ${id} was told a place that it never had`];
  const by = at + terms.tolerance;
  if (placement.currentAt > by) return [`law 3: session ${id} was told a place before it was its own`];
  return devices.carriagesOf(placement).some(({ from }) => from <= by)
    ? []
    : [`law 3: session ${id} was told to be active before its node had the peer`];
}

function judgeEnd(
  { id, overAt }: KnownSession,
  isConfirmed: boolean,
  at: number,
  { rows, devices, terms }: AnswerLaws,
): readonly string[] {
  const by = at + terms.tolerance;
  if (overAt > by) return [`law 7: session ${id} was told to be over before it was`];
  if (!isConfirmed) return [];
  const isLeft = (place: KnownPlacement) =>
    place.releasedAt > by || devices.carriagesOf(place).some(({ to }) => to > by);
  return rows.placesOf(id).some(isLeft) ? [`law 7: session ${id} was confirmed to be over, and is carried`] : [];
}

/** Who looks is told what was so at a moment while he looked. */
function judgeLook(
  { customer, beganAt, endedAt, outcome }: Request,
  laws: AnswerLaws,
  ends: readonly Request[],
): readonly string[] {
  const { rows, terms } = laws;
  const [from, to] = [beganAt - terms.tolerance, endedAt + terms.tolerance];
  const sessions = rows.sessionsOf(customer);
  if (outcome.kind === "session") {
    const known = sessions.find(({ id }) => id === outcome.session.id);
    if (known === undefined || known.beganAt > to)
      return [`customer ${customer} was told of session ${outcome.session.id}, which was not there`];
    return seenOver(known, ends) < from ? [`customer ${customer} was told of session ${known.id}, which was over`] : [];
  }
  if (outcome.kind !== "problem" || outcome.code !== "no-session") return [];
  return sessions.some((one) => seenThere(one, laws) < from && one.overAt > to)
    ? [`customer ${customer} was told to have no session while he had one`]
    : [];
}

/** Behind that whoever looks sees it: orders leave when they are committed. */
function seenThere({ id }: KnownSession, { rows, devices }: AnswerLaws): number {
  return Math.min(...rows.placesOf(id).flatMap((place) => devices.carriagesOf(place).map(({ from }) => from)));
}

/** Behind that whoever looks sees that it is over: somebody did. */
function seenOver({ id }: KnownSession, ends: readonly Request[]): number {
  const told = ends.filter(({ outcome }) => outcome.kind === "session" && outcome.session.id === id);
  return Math.min(...told.map(({ endedAt }) => endedAt));
}

/** Who asks again with the same key is told the same. */
function judgeRepeats(requests: readonly Request[], outages: Epoch["outages"]): readonly string[] {
  const told = new Map<string, string>();
  const faults: string[] = [];
  for (const { what, key, outcome, beganAt, endedAt } of requests) {
    const text = key === undefined ? undefined : decided(outcome);
    if (key === undefined || text === undefined) continue;
    // It may not have been kept.
    if (outages.some(({ from, to }) => from <= endedAt && beganAt <= to)) continue;
    const before = told.get(key);
    if (before === undefined) told.set(key, text);
    else if (before !== text) faults.push(`a request to ${what} was answered ${before} and then ${text}`);
  }
  return faults;
}

function decided(outcome: Outcome): string | undefined {
  if (outcome.kind === "unknown") return undefined;
  if (outcome.kind === "session") return JSON.stringify([outcome.session, outcome.isConfirmed]);
  return undecided.has(outcome.code) ? undefined : outcome.code;
}

/** What is asked for a session, from the first step to the node's answer, or to the end of the time that it has for one. */
import { type Millis, millis } from "@ropewalk/kernel/units";
import { EntryError } from "../errors.ts";
import type { PlacementId } from "../pure/vpn-placement.ts";
import { isOver, type SessionId } from "../pure/vpn-session.ts";
import type {
  Actor,
  CustomerId,
  EndOutcome,
  MoveOutcome,
  NodeWish,
  SessionRequest,
  StartOutcome,
} from "../vpn-control.ts";
import type { VpnControlSettings } from "../vpn-control-settings.ts";
import type { ControlFigures } from "./control-figures.ts";
import type { Fleet } from "./fleet.ts";
import type { StoredSession } from "./session-rows.ts";
import { viewSession } from "./session-views.ts";
import type { Judge, SessionWaits } from "./session-waits.ts";
import type { StepQueue } from "./step-queue.ts";

export interface SessionRequestsDeps {
  readonly queue: StepQueue;
  readonly waits: SessionWaits;
  readonly fleet: Fleet;
  readonly figures: ControlFigures;
  readonly settings: VpnControlSettings;
  readonly refresh: () => Promise<void>;
}

type Placed = "placed" | "refused" | "silent";

export class SessionRequests {
  readonly #deps: SessionRequestsDeps;

  constructor(deps: SessionRequestsDeps) {
    this.#deps = deps;
  }

  async start(request: SessionRequest): Promise<StartOutcome> {
    const outcome = await this.#started(request);
    this.#deps.figures.count("starts", outcome.kind === "failed" ? outcome.why : outcome.kind);
    return outcome;
  }

  async end(id: SessionId, customer: CustomerId | undefined, actor: Actor, signal: AbortSignal): Promise<EndOutcome> {
    const result = await this.#deps.queue.do({ kind: "end", session: id, customer, actor });
    if (result.kind === "unknown-session") return result;
    if (result.kind !== "session") throw inTheWay();
    const session = await this.#over(result.session, signal);
    // Who has no place that is reserved is carried by nobody.
    const isConfirmed = session.step.placements.every(({ role }) => role === "released");
    this.#deps.figures.count("ends", isConfirmed ? "confirmed" : "silent");
    return { kind: "terminated", session: viewSession(session, this.#deps.fleet), isConfirmed };
  }

  async move(
    id: SessionId,
    customer: CustomerId | undefined,
    wish: NodeWish,
    actor: Actor,
    signal: AbortSignal,
  ): Promise<MoveOutcome> {
    const outcome = await this.#moved(id, customer, wish, actor, signal);
    this.#deps.figures.count("moves", outcome.kind === "failed" ? outcome.why : outcome.kind);
    return outcome;
  }

  async #started(request: SessionRequest): Promise<StartOutcome> {
    const { signal } = request;
    for (;;) {
      const result = await this.#deps.queue.do({ kind: "start", request });
      switch (result.kind) {
        case "session":
          return this.#active(result.session, signal);
        case "waits":
          await this.#over(result.session, signal);
          break;
        case "reused-key":
          await this.#over(result.session, signal);
          return { kind: "reused-key" };
        case "failed-before":
          return { kind: "failed", why: result.why };
        case "no-node":
        case "conflict":
        case "unknown-device":
          return result;
        case "again":
        case "unknown-session":
        case "not-now":
          throw inTheWay();
      }
    }
  }

  async #active(session: StoredSession, signal: AbortSignal): Promise<StartOutcome> {
    type Settled = { readonly session: StoredSession; readonly kind: "active" | "refused" | "silent" };
    const judge: Judge<Settled> = (one) => {
      const { state } = one.step;
      if (state === "active") return { session: one, kind: "active" };
      if (state === "requested" || state === "provisioning") return undefined;
      // Who ended it meanwhile has refused it, too.
      return { session: one, kind: one.failure ?? "refused" };
    };
    const settled = await this.#settled(session, judge, signal);
    if (settled.kind !== "active") return { kind: "failed", why: settled.kind };
    return this.#placed(settled.session);
  }

  async #moved(
    id: SessionId,
    customer: CustomerId | undefined,
    wish: NodeWish,
    actor: Actor,
    signal: AbortSignal,
  ): Promise<MoveOutcome> {
    const result = await this.#deps.queue.do({ kind: "move", session: id, customer, wish, actor });
    if (result.kind === "no-node" || result.kind === "not-now" || result.kind === "unknown-session") return result;
    if (result.kind !== "session" || result.placement === undefined) throw inTheWay();
    const to = result.placement;
    const judge: Judge<{ readonly session: StoredSession; readonly what: Placed }> = (session, event) => {
      const what = becameOf(session, to);
      if (what === undefined) return undefined;
      return { session, what: what === "refused" && event?.kind === "silent" ? "silent" : what };
    };
    const { session, what } = await this.#settled(result.session, judge, signal);
    return what === "placed" ? this.#placed(session) : { kind: "failed", why: what };
  }

  async #placed(session: StoredSession): Promise<StartOutcome & MoveOutcome & { readonly kind: "active" }> {
    let view = viewSession(session, this.#deps.fleet);
    if (view.place === undefined) {
      // Another replica has placed it on a node that this one has not seen yet.
      await this.#deps.refresh();
      view = viewSession(session, this.#deps.fleet);
    }
    if (view.place === undefined) throw inTheWay();
    return { kind: "active", session: { ...view, place: view.place } };
  }

  #over(session: StoredSession, signal: AbortSignal): Promise<StoredSession> {
    return this.#settled(session, (one) => (isOver(one.step) ? one : undefined), signal);
  }

  /** What is not decided when the time for an answer is over is decided then. */
  async #settled<Outcome>(session: StoredSession, judge: Judge<Outcome>, signal: AbortSignal): Promise<Outcome> {
    const { waits, queue, settings } = this.#deps;
    let [last, within]: [StoredSession, Millis] = [session, settings.terms.delivery];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const outcome = await waits.wait(last, judge, within, signal);
      if (outcome !== undefined) return outcome;
      for (const { id: placement, generation, role } of last.step.placements) {
        if (role !== "coming" && role !== "draining") continue;
        const event = { kind: "silent", placement, generation } as const;
        const done = await queue.do({ kind: "event", session: last.step.id, event });
        if (done.kind !== "session") continue;
        last = done.session;
        const decided = judge(last, event);
        if (decided !== undefined) return decided;
      }
      const read = await queue.do({ kind: "event", session: last.step.id, event: { kind: "lapse" } });
      if (read.kind === "session") last = read.session;
      within = millis(1_000);
    }
    throw inTheWay();
  }
}

/** Undefined: its node has not answered. */
function becameOf({ step }: StoredSession, to: PlacementId): "placed" | "refused" | undefined {
  const role = step.placements.find(({ id }) => id === to)?.role;
  if (role === "coming") return undefined;
  return role === "current" ? "placed" : "refused";
}

function inTheWay(): EntryError {
  return new EntryError(
    "ENTRY_DATABASE_CONTENDED",
    "others changed the session each time that it was tried; ask again",
  );
}

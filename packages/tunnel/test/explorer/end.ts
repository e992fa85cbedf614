/** One end of a handshake as the explorer sees it: what the machine is in, what it said and heard, and what came of it. */
import { millis, seconds } from "@ropewalk/kernel/units";
import type {
  AgreedSession,
  HandshakeFacts,
  HandshakeState,
  Step,
} from "@ropewalk/tunnel/pure/handshake/handshake-state";
import { messageType } from "@ropewalk/tunnel/pure/handshake/message";
import type { Local } from "./explore.ts";
import type { Machine } from "./machine.ts";
import type { Provenance } from "./provenance.ts";
import { type SymbolicKem, symbolicKem } from "./symbolic-kem.ts";
import { type EndPlan, keyOwner, type World } from "./world.ts";

/** What the actors of a world share. */
export interface Setting {
  readonly world: World;
  readonly machine: Machine;
  readonly provenance: Provenance;
  readonly kem: SymbolicKem;
}

type Task =
  | { readonly kind: "encapsulate"; readonly publicKey: Uint8Array }
  | { readonly kind: "decapsulate"; readonly ciphertext: Uint8Array };

/** What an end had taken in when it gave its proof: with whom it believes to have agreed on what. */
export interface Ran {
  readonly session: AgreedSession;
  readonly peerKey: Uint8Array | undefined;
  readonly heard: readonly Uint8Array[];
}

export interface End extends Local {
  readonly plan: EndPlan;
  readonly state: HandshakeState;
  readonly said: readonly Uint8Array[];
  readonly heard: readonly Uint8Array[];
  readonly tasks: readonly Task[];
  readonly draws: number;
  readonly ran: Ran | undefined;
  readonly sessions: readonly AgreedSession[];
  /** What it did that no end may, whatever it hears. */
  readonly faults: readonly string[];
  /** The same for those who said the same, proofs and aborts aside. */
  readonly talk: string;
  /** The octets of its proof, as hexadecimal digits, and the secrets that come out with it. */
  readonly proof: string | undefined;
  readonly leaks: readonly number[];
}

/** A state before it is known whether it was met before. */
export type FreshEnd = Omit<End, "id" | "talk" | "proof" | "leaks">;

export function begun(setting: Setting, plan: EndPlan): FreshEnd {
  const blank: FreshEnd = {
    ...{ plan, state: { kind: "over" }, said: [], heard: [], tasks: [] },
    ...{ draws: 0, ran: undefined, sessions: [], faults: [] },
  };
  const { machine, provenance } = setting;
  return taken(setting, blank, machine.beginHandshake(provenance, factsOf(setting, plan), millis(0)));
}

function factsOf({ world, provenance, kem }: Setting, plan: EndPlan): HandshakeFacts {
  const { name, role, mode, capabilities, owner, peer, keptKey } = plan;
  const isHybrid = mode === "hybrid";
  const keyOf = (whose: EndPlan["owner"]) => (isHybrid ? kem.publicKey(keyOwner(world, whose)) : undefined);
  const pinned = keyOf(peer);
  return {
    ...{ role, mode, capabilities, kem: symbolicKem },
    random: provenance.open(`random of ${name}`, 32),
    exporter: exporterOf(world, provenance, plan.exporter),
    ownLeaf: provenance.open(`certificate of ${owner}`, 20),
    peerLeaf: provenance.open(`certificate of ${peer}`, 20),
    ownKemKey: keyOf(owner),
    peerKemPin: pinned && provenance.hash(pinned),
    peerKemKey: keptKey && keyOf(keptKey),
  };
}

function exporterOf(world: World, provenance: Provenance, name: string): Uint8Array {
  const earlier = world.resumed[name];
  if (earlier === undefined) return provenance.drawn(`exporter ${name}`, 48).slice();
  return provenance.hash(new TextEncoder().encode(name), exporterOf(world, provenance, earlier));
}

/** Bytes that came. */
export function heard(setting: Setting, end: FreshEnd, message: Uint8Array): FreshEnd {
  const { machine, provenance } = setting;
  const next = { ...end, heard: [...end.heard, message] };
  const receive = (state: HandshakeState) => machine.receive(provenance, state, message.slice());
  return taken(setting, next, receive(end.state), () => provenBy(end.state, receive));
}

/** The KEM's answer to the task at `place`. */
export function answered(setting: Setting, end: FreshEnd, place: number): FreshEnd {
  const { machine, provenance, kem, world } = setting;
  const task = end.tasks[place];
  const next = { ...end, tasks: end.tasks.toSpliced(place, 1) };
  if (task === undefined) return next;
  if (task.kind === "encapsulate") {
    const made = kem.encapsulate(task.publicKey, `${end.plan.name} ${end.draws}`);
    const encapsulated = (state: HandshakeState) => machine.encapsulated(provenance, state, made);
    const drawn = { ...next, draws: end.draws + 1 };
    return taken(setting, drawn, encapsulated(end.state), () => provenBy(end.state, encapsulated));
  }
  const secret = kem.decapsulate(keyOwner(world, end.plan.owner), task.ciphertext);
  const decapsulated = (state: HandshakeState) => machine.decapsulated(provenance, state, secret.slice());
  return taken(setting, next, decapsulated(end.state), () => provenBy(end.state, decapsulated));
}

/** Its time is over, or its KEM fails. */
export function stopped(setting: Setting, end: FreshEnd, why: "deadline" | "kem"): FreshEnd {
  const { machine } = setting;
  return taken(setting, end, why === "kem" ? machine.kemFailed(end.state) : machine.expire(end.state, seconds(1_000)));
}

/** What an end agreed to that gives its proof and fails in one step, for then its state tells no more: without what it failed by. */
function provenBy(before: HandshakeState, step: (state: HandshakeState) => Step): AgreedSession | undefined {
  if (before.kind === "over") return undefined;
  const { state } = step({ ...before, peerMac: undefined });
  return state.kind === "over" ? undefined : state.proof?.session;
}

/** What becomes of an end by a step. `proven` is asked where the step does not tell what the end gave its proof of. */
function taken(
  setting: Setting,
  end: FreshEnd,
  { state, outputs }: Step,
  proven: () => AgreedSession | undefined = () => undefined,
): FreshEnd {
  const said = [...end.said];
  const tasks = [...end.tasks];
  const sessions = [...end.sessions];
  const faults = [...end.faults];
  for (const output of outputs) {
    switch (output.kind) {
      case "transmit":
        said.push(output.bytes);
        break;
      case "encapsulate":
        tasks.push(output);
        faults.push(...unpinned(setting, end.plan, output.publicKey));
        break;
      case "decapsulate":
        tasks.push(output);
        break;
      case "keep-key":
        faults.push(...unpinned(setting, end.plan, output.publicKey));
        break;
      case "established":
        sessions.push(output.session);
        faults.push(...faultsOf({ ...end, said, sessions }));
        break;
      case "failed":
        if (sessions.length > 0) faults.push("one outcome");
        break;
      case "erase":
        break;
    }
  }
  const next = { ...end, state, said, tasks, sessions, faults: [...new Set(faults)] };
  return { ...next, ran: end.ran ?? ranIn(end, next, proven) };
}

function ranIn(before: FreshEnd, end: FreshEnd, proven: () => AgreedSession | undefined): Ran | undefined {
  if (!end.said.some(isFinished)) return undefined;
  const session = sessionIn(end.state) ?? end.sessions[0] ?? proven();
  const peerKey = before.state.kind === "over" ? undefined : before.state.peerKey.publicKey;
  return session && { session, peerKey, heard: end.heard.filter((message) => !isFinished(message)) };
}

const sessionIn = (state: HandshakeState) => (state.kind === "over" ? undefined : state.proof?.session);

export function isFinished(message: Uint8Array): boolean {
  return message[0] === messageType.finished;
}

/** A key is kept, and made use of, only if the peer's certificate names it. */
function unpinned({ world, kem }: Setting, { peer }: EndPlan, publicKey: Uint8Array): readonly string[] {
  return kem.publicKey(keyOwner(world, peer)).toHex() === publicKey.toHex() ? [] : ["pinned key"];
}

/** Of an end that has a session. */
function faultsOf({ plan, said, heard: all, sessions }: FreshEnd): readonly string[] {
  const faults: string[] = [];
  if (!said.some(isFinished) || !all.some(isFinished)) faults.push("both finished");
  if (sessions.length > 1) faults.push("one outcome");
  const [session] = sessions;
  if (session?.mode !== plan.mode || session.version !== 1) faults.push("no downgrade");
  return faults;
}

/** What must hold in every state of a world, for whoever was promised it; each by a name that tests call it by. */
import { type End, isFinished, type Ran, type Setting } from "./end.ts";
import { isOverheard } from "./end-actor.ts";
import type { Check } from "./explore.ts";
import { holding, keyOwner, type Time } from "./world.ts";

/** The violations in a state: "PROPERTY: END". */
export function checkOf(setting: Setting): Check<End> {
  const secrecy = secrecyOf(setting);
  return (all) => {
    const found: string[] = [];
    for (const end of all) for (const fault of end.faults) found.push(`${fault}: ${end.plan.name}`);
    if (!all.some(({ ran }) => ran !== undefined)) return found;
    found.push(...binding(all));
    for (const end of all) {
      if (end.sessions.length === 0 || end.plan.peer === "mallory") continue;
      if (!all.some((other) => isAgreed(setting, end, other))) found.push(`agreement: ${end.plan.name}`);
      const isSecret = secrecy(end, all, "meanwhile");
      if (!isSecret) found.push(`secrecy: ${end.plan.name}`);
      else if (!secrecy(end, all, "afterwards")) found.push(`forward secrecy: ${end.plan.name}`);
    }
    return found;
  };
}

/** Nothing from which a session's keys come is known, nor any of the keys. */
export function secrecyOf(setting: Setting): (end: End, all: readonly End[], time: Time) => boolean {
  const { world, provenance } = setting;
  const cache = new Map<string, boolean>();
  return (end, all, time) => {
    const isAllSeen = time === "afterwards" && world.afterwards.exporters === "broken";
    const leaks = all.flatMap((one) => (isAllSeen || isOverheard(one) ? one.leaks : []));
    const key = `${time} ${end.plan.name} ${end.id} ${leaks.join(" ")}`;
    let isSecret = cache.get(key);
    if (isSecret === undefined) {
      const holds = holding(world, time);
      const sent = new Set(leaks);
      const secrets = end.sessions.flatMap(({ epochSecret }) => [epochSecret, ...keysOf(setting, epochSecret)]);
      isSecret = !secrets.some((secret) => provenance.isDerivable(secret, holds, sent));
      cache.set(key, isSecret);
    }
    return isSecret;
  };
}

export function keysOf(
  { machine, provenance }: Pick<Setting, "machine" | "provenance">,
  epochSecret: Uint8Array,
): readonly Uint8Array[] {
  const { lanes, laneAuthentication, resumption } = machine.epochSecrets(provenance, epochSecret);
  const ends = ["source", "destination"] as const;
  return ends.flatMap((sender) => [lanes[sender], laneAuthentication[sender], resumption[sender]]);
}

/** A secret is of one transcript, and two ends of the same role never have the same secret, or the same session id. */
function binding(all: readonly End[]): readonly string[] {
  const found: string[] = [];
  for (const one of all) {
    for (const other of all) {
      if (one.id === other.id && one.plan === other.plan) continue;
      if (one.ran === undefined || other.ran === undefined) continue;
      const [own, peer] = [one.ran.session, other.ran.session];
      const isSecretSame = isSame(own.epochSecret, peer.epochSecret);
      const isRoleSame = own.role === peer.role && (isSecretSame || isSame(own.id, peer.id));
      if (isRoleSame || (isSecretSame && !isSame(own.transcript, peer.transcript)))
        found.push(`binding: ${one.plan.name}`);
    }
  }
  return found;
}

/** Whether `other` is the one end of the peer that ran with `end`, to the same result. */
export function isAgreed(setting: Setting, end: End, other: End): boolean {
  const { plan, ran } = end;
  const { owner, peer, role } = other.plan;
  if (ran === undefined || other.ran === undefined) return false;
  if (owner !== plan.peer || peer !== plan.owner || role === plan.role) return false;
  return isSameSession(ran, other.ran) && isSameTalk(end, other) && haveSameKeys(setting, end, other);
}

function isSameSession({ session: one }: Ran, { session: other }: Ran): boolean {
  return (
    [one.version, one.mode, one.capabilities].join() === [other.version, other.mode, other.capabilities].join() &&
    isSame(one.id, other.id) &&
    isSame(one.transcript, other.transcript) &&
    isSame(one.epochSecret, other.epochSecret)
  );
}

/** Each has heard what the other said, and nothing else. */
function isSameTalk(one: End, other: End): boolean {
  return isHeard(one.said, other.ran?.heard) && isHeard(other.said, one.heard);
}

function isHeard(said: readonly Uint8Array[], all: readonly Uint8Array[] = []): boolean {
  const spoken = said.slice(0, said.findIndex(isFinished));
  const listened = all.filter((message) => !isFinished(message));
  return spoken.length === listened.length && spoken.every((message, index) => isSame(message, listened[index]));
}

function haveSameKeys({ world, kem }: Setting, one: End, other: End): boolean {
  const keyFor = (end: End) => kem.publicKey(keyOwner(world, end.plan.owner));
  if (one.plan.mode !== "hybrid") return true;
  return isSame(keyFor(one), other.ran?.peerKey) && isSame(keyFor(other), one.ran?.peerKey);
}

function isSame(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && one.length === other.length && one.every((octet, index) => octet === other[index]);
}

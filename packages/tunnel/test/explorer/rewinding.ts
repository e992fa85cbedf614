/**
 * An attacker that may also turn time back: whatever an end would say in any run, it may use in every other. That is more than any
 * order of steps allows, so that what holds here holds in all of them; and since ends need not be looked at together, there may be
 * many. Only for worlds in which TLS holds nowhere: there ends wait for nothing but messages.
 */
import type { End, Setting } from "./end.ts";
import { EndActor } from "./end-actor.ts";
import { type Machine, realMachine } from "./machine.ts";
import { isAgreed, secrecyOf } from "./properties.ts";
import { settingOf } from "./run.ts";
import { isGuarded, isGuardedForever, type World } from "./world.ts";

export interface Rewound {
  /** Of all ends. */
  readonly states: number;
  readonly sessions: number;
  readonly violations: readonly string[];
}

export function rewind(world: World, machine: Machine = realMachine): Rewound {
  const setting = settingOf(world, machine);
  const actors = world.ends.map((plan) => new EndActor(setting, plan));
  const all = reachable(actors, () => true);
  const sessions = all.filter((end) => end.sessions.length > 0);
  const violations = [
    ...all.flatMap(({ faults, plan }) => faults.map((fault) => `${fault}: ${plan.name}`)),
    ...revealed(setting, all, sessions),
    ...unbound(all),
    ...disagreed(setting, actors, all, sessions),
  ];
  return { states: all.length, sessions: sessions.length, violations: [...new Set(violations)] };
}

/** Every state of every end that can be reached through those that are allowed. */
function reachable(actors: readonly EndActor[], isAllowed: (end: End) => boolean): readonly End[] {
  const found = actors.map(({ start }) => new Map([[start.id, start]]));
  let said: readonly Uint8Array[] = [];
  for (let before = -1; before !== said.length; ) {
    before = said.length;
    for (const [place, actor] of actors.entries()) {
      const own = found[place] ?? new Map<number, End>();
      // A map goes on to what is added to it on the way.
      for (const end of own.values()) {
        for (const { to } of actor.movesKnowing(end, said)) if (isAllowed(to) && !own.has(to.id)) own.set(to.id, to);
      }
    }
    said = allSaid(found.flatMap((own) => [...own.values()]));
  }
  return found.flatMap((own) => [...own.values()]);
}

function allSaid(all: readonly End[]): readonly Uint8Array[] {
  return [...new Map(all.flatMap(({ said }) => said.map((message) => [message.toHex(), message]))).values()];
}

function revealed(setting: Setting, all: readonly End[], sessions: readonly End[]): readonly string[] {
  const isSecret = secrecyOf(setting);
  return sessions.flatMap((end) => {
    const { world } = setting;
    if (isGuarded(world, end.plan) && !isSecret(end, all, "meanwhile")) return [`secrecy: ${end.plan.name}`];
    const isLost = isGuardedForever(world, end.plan) && !isSecret(end, all, "afterwards");
    return isLost ? [`forward secrecy: ${end.plan.name}`] : [];
  });
}

/** A secret is of one transcript, and of one end of each role, in whatever run. */
function unbound(all: readonly End[]): readonly string[] {
  const found: string[] = [];
  const transcripts = new Map<string, string>();
  const ends = new Map<string, string>();
  for (const { plan, ran } of all) {
    if (ran === undefined) continue;
    const { epochSecret, transcript, role } = ran.session;
    const secret = epochSecret.toHex();
    if ((transcripts.get(secret) ?? transcript.toHex()) !== transcript.toHex()) found.push(`binding: ${plan.name}`);
    if ((ends.get(`${secret} ${role}`) ?? plan.name) !== plan.name) found.push(`binding: ${plan.name}`);
    transcripts.set(secret, transcript.toHex());
    ends.set(`${secret} ${role}`, plan.name);
  }
  return found;
}

/** Nobody comes to a session that its peer has not come to before: without those states of the peer it cannot be reached. */
function disagreed(
  setting: Setting,
  actors: readonly EndActor[],
  all: readonly End[],
  sessions: readonly End[],
): readonly string[] {
  const guarded = sessions.filter(({ plan }) => isGuarded(setting.world, plan));
  const agreedWith = (end: End) => all.filter((other) => isAgreed(setting, end, other));
  const byPeers = Map.groupBy(guarded, (end) =>
    agreedWith(end)
      .map(({ plan, id }) => `${plan.name} ${id}`)
      .join(),
  );
  return [...byPeers].flatMap(([names, ends]) => {
    const without = new Set(names.split(","));
    const others = new Set(reachable(actors, ({ plan, id }) => !without.has(`${plan.name} ${id}`)));
    return ends.filter((end) => others.has(end)).map(({ plan }) => `agreement: ${plan.name}`);
  });
}

/** Hands that write down what they did, for a purge that no node is there to tell of. Nothing is done otherwise than by the hands themselves. */
import { commandOf, settingCommand } from "@ropewalk/backhaul/pure/steering/plan-text";
import type { Hands } from "@ropewalk/backhaul/steering/hands";
import type { AddressLifetimes } from "@ropewalk/host/address-lifetimes";
import type { RoutingChange } from "@ropewalk/host/routing";
import type { WantedSetting } from "@ropewalk/host/settings";

/** `done` is called with a line for each thing, as a command where there is one that does the same. */
export function recordingHands(hands: Hands, nameOf: (ifindex: number) => string, done: (line: string) => void): Hands {
  const { writer, settings, lifetimes, leases, marks, resolvers } = hands;
  const perform = (change: RoutingChange) => {
    const result = writer.perform(change);
    if (result.kind === "done") done(commandOf(change, nameOf));
    return result;
  };
  const write = (wanted: WantedSetting) => {
    const fault = settings.write(wanted);
    if (fault === undefined) done(settingCommand(wanted));
    return fault;
  };
  const prefer: AddressLifetimes["prefer"] = (own, preferred) => {
    const fault = lifetimes.prefer(own, preferred);
    const time = preferred === "forever" ? preferred : `${Math.round(preferred / 1_000)} s`;
    if (fault === undefined) done(`# ${own.address} on ${nameOf(own.ifindex)} is preferred again (${time})`);
    return fault;
  };
  const purge = async () => {
    const outcome = await marks.purge();
    if (outcome.kind === "done") done("nft delete table inet ropewalk");
    return outcome;
  };
  const giveUp = async (clients: NonNullable<Hands["leases"]>) => {
    const outcomes = await clients.purge();
    for (const { kind, name } of outcomes) if (kind === "given-back") done(`# the lease of ${name} was given up`);
    return outcomes;
  };
  const restore = async (follower: NonNullable<Hands["resolvers"]>) => {
    const outcomes = await follower.restore();
    for (const { what, result } of outcomes) if (result.kind === "restored") done(`# ${what} is as it was`);
    return outcomes;
  };
  return {
    ...hands,
    writer: { perform, [Symbol.dispose]: () => writer[Symbol.dispose]() },
    settings: { read: (setting) => settings.read(setting), write },
    lifetimes: { read: (own) => lifetimes.read(own), prefer, [Symbol.dispose]: () => lifetimes[Symbol.dispose]() },
    marks: {
      want: (uplinks) => marks.want(uplinks),
      purge,
      subscribe: (listener) => marks.subscribe(listener),
      [Symbol.asyncDispose]: () => marks[Symbol.asyncDispose](),
    },
    leases: leases && {
      want: (links) => leases.want(links),
      get unmet() {
        return leases.unmet;
      },
      purge: () => giveUp(leases),
      [Symbol.asyncDispose]: () => leases[Symbol.asyncDispose](),
    },
    resolvers: resolvers && {
      owner: resolvers.owner,
      follow: (plan) => resolvers.follow(plan),
      pending: (plan) => resolvers.pending(plan),
      restore: () => restore(resolvers),
      [Symbol.asyncDispose]: () => resolvers[Symbol.asyncDispose](),
    },
  };
}

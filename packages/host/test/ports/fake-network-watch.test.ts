/** The fake keeps the contract of the watch. */
import { FakeNetwork } from "@ropewalk/host/fake/fake-network";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { bytes, millis, seconds } from "@ropewalk/kernel/units";
import { networkWatchContract } from "./network-watch.contract.ts";
import { linkNamed, type Step } from "./world.ts";

networkWatchContract(async (options) => {
  const clock = new FakeClock();
  const network = new FakeNetwork(clock, options);
  const indexOf = (name: string) => linkNamed(network.facts, name)?.ifindex ?? 0;
  const step = (change: Step) => {
    clock.advance(millis(1));
    switch (change.kind) {
      case "add-link":
        return void network.addLink({ name: change.name });
      case "remove-link":
        return network.removeLink(indexOf(change.name));
      case "carrier":
        return network.setCarrier(indexOf(change.name), change.on);
      case "enabled":
        return network.changeLink(indexOf(change.name), { isEnabled: change.on, hasCarrier: change.on });
      case "rename":
        return network.rename(indexOf(change.name), change.to);
      case "mtu":
        return network.changeLink(indexOf(change.name), { mtu: bytes(change.octets) });
      case "skip-dead-routes":
        return network.skipDeadRoutes(change.family, change.name === "all" ? "all" : indexOf(change.name), change.on);
      case "reverse-path-filter":
        return network.setReversePathFilter(change.name === "all" ? "all" : indexOf(change.name), change.filter);
      case "add-address":
        return network.addAddress(indexOf(change.name), change.prefix);
      case "remove-address":
        return network.removeAddress(indexOf(change.name), change.prefix);
      case "set-route":
      case "remove-route": {
        const { to, via, metric, source } = change;
        const preferred = source === undefined ? {} : { preferredSource: source };
        const route = { to, via, metric, ifindex: indexOf(change.name), ...preferred };
        return change.kind === "set-route" ? network.addRoute(route) : network.removeRoute(route);
      }
    }
  };
  const performAll = (steps: readonly Step[]) => {
    for (const change of steps) step(change);
  };
  return {
    watch: network,
    reader: network,
    perform: (...steps) => network.together(() => performAll(steps)),
    performUnheard: (...steps) => network.loseEvents("the test lost them", () => performAll(steps)),
    announceDns: (name, servers, lifetime) => network.routerDns(indexOf(name), servers, seconds(lifetime)),
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  };
});

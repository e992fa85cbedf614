/**
 * What is said between us and systemd-resolved over one bus connection: orders about links, each answered in its own time. Links that
 * networkd manages are its own to change, and systemd-resolved says so: then networkd is told the same.
 * Source: org.freedesktop.resolve1(5), org.freedesktop.network1(5), systemd src/resolve/resolvectl.c (call_dns).
 */
import { familyOf, type IpAddress, ipAddressBytes } from "@ropewalk/kernel/addresses";
import type { LinkOrder } from "../pure/link-dns.ts";
import type { ResolverLink } from "../pure/resolver-plan.ts";
import { type BusReply, busName } from "./message-bus.ts";
import type { Bus } from "./network-manager-session.ts";

export const resolvedName = "org.freedesktop.resolve1";

export interface ResolvedEffects {
  /** Somebody owns the name now: whoever owned it before is forgotten, and so is what he was told. */
  readonly appear: () => void;
  readonly vanish: (reason: string) => void;
  /** The connection is of no more use, for this reason. */
  readonly fail: (reason: string) => void;
}

interface Order {
  readonly link: ResolverLink;
  readonly member: string;
  readonly signature: string;
  readonly values: readonly unknown[];
}

const networkd = {
  destination: "org.freedesktop.network1",
  path: "/org/freedesktop/network1",
  interfaceName: "org.freedesktop.network1.Manager",
};
const networkManager = {
  destination: "org.freedesktop.NetworkManager",
  path: "/org/freedesktop/NetworkManager",
  interfaceName: "org.freedesktop.NetworkManager",
};
/** "Update DNS configuration". Source: NetworkManager's D-Bus reference, Reload. */
const reloadDns = 0x02;
/** AF_INET and AF_INET6 of Linux. */
const addressFamilies = { ipv4: 2, ipv6: 10 } as const;

export class ResolvedSession {
  readonly #bus: Bus;
  readonly #effects: ResolvedEffects;
  /** Unique name of the connection that is systemd-resolved now. */
  #owner: string | undefined;

  constructor(bus: Bus, effects: ResolvedEffects) {
    this.#bus = bus;
    this.#effects = effects;
  }

  begin(): void {
    this.#bus.onSignal(({ sender, member, body: [name, , owner] }) => {
      if (sender !== busName || member !== "NameOwnerChanged" || name !== resolvedName) return;
      this.#adopt(typeof owner === "string" ? owner : "");
    });
    const rule = `type='signal',sender='${busName}',member='NameOwnerChanged',arg0='${resolvedName}'`;
    this.#askBus("AddMatch", rule, (reply) => {
      if (reply.kind === "refused") this.#effects.fail(`the bus refused a match rule: ${reply.reason}`);
    });
    this.#askBus("GetNameOwner", resolvedName, (reply) =>
      this.#adopt(reply.kind === "value" && typeof reply.value === "string" ? reply.value : ""),
    );
  }

  /** Calls `onDone` once all were answered, with a sentence for each that was refused. */
  order(orders: readonly LinkOrder[], onDone: (faults: readonly string[]) => void): void {
    const calls = orders.flatMap((order) => callsOf(order));
    const faults: string[] = [];
    let open = calls.length;
    if (open === 0) onDone(faults);
    for (const call of calls) {
      this.#tell(call, (reply) => {
        if (reply.kind !== "value") faults.push(`${call.member} of ${call.link.name}: ${reply.reason}`);
        open -= 1;
        if (open === 0) onDone(faults);
      });
    }
  }

  /** Takes back whatever was said of the link. A link that is gone has nothing left of it. */
  revert(link: ResolverLink, onDone: (fault: string | undefined) => void): void {
    this.#tell({ link, member: "RevertLink", signature: "i", values: [link.ifindex] }, (reply) => {
      const isGone = reply.kind === "refused" && /NoSuchLink$|NoSuchInterface$/.test(reply.error ?? "");
      onDone(reply.kind === "value" || isGone ? undefined : reply.reason);
    });
  }

  /** Has NetworkManager, where it runs, say again what a revert took away with ours. */
  refreshNetworkManager(onDone: () => void): void {
    this.#askBus("NameHasOwner", networkManager.destination, (reply) => {
      if (reply.kind !== "value" || reply.value !== true) return onDone();
      const call = { ...networkManager, member: "Reload", body: { signature: "u", values: [reloadDns] } };
      this.#bus.call(call, () => onDone());
    });
  }

  #adopt(owner: string): void {
    this.#owner = owner === "" ? undefined : owner;
    if (this.#owner === undefined) this.#effects.vanish(`nobody owns ${resolvedName} on the system bus`);
    else this.#effects.appear();
  }

  #tell({ member, signature, values }: Order, onReply: (reply: BusReply) => void): void {
    const body = { signature, values };
    const manager = { path: "/org/freedesktop/resolve1", interfaceName: `${resolvedName}.Manager` };
    this.#bus.call({ ...manager, destination: this.#owner ?? resolvedName, member, body }, (reply) => {
      const isNetworkds = reply.kind === "refused" && reply.error === `${resolvedName}.LinkBusy`;
      if (!isNetworkds) return onReply(reply);
      const itsMember = member === "RevertLink" ? "RevertLinkDNS" : member;
      this.#bus.call({ ...networkd, member: itsMember, body }, onReply);
    });
  }

  #askBus(member: string, argument: string, onReply: (reply: BusReply) => void): void {
    const call = { destination: busName, path: "/org/freedesktop/DBus", interfaceName: busName, member, argument };
    this.#bus.call(call, (reply) => {
      if (reply.kind === "lost") this.#effects.fail(reply.reason);
      onReply(reply);
    });
  }
}

function callsOf({ ifindex, name, servers, isForEveryName }: LinkOrder): readonly Order[] {
  const link = { ifindex, name };
  const addresses = servers?.map((server: IpAddress) => [addressFamilies[familyOf(server)], ipAddressBytes(server)]);
  return [
    ...(addresses === undefined
      ? []
      : [{ link, member: "SetLinkDNS", signature: "ia(iay)", values: [ifindex, addresses] }]),
    { link, member: "SetLinkDefaultRoute", signature: "ib", values: [ifindex, isForEveryName] },
  ];
}

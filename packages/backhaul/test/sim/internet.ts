/**
 * A site with uplinks into a small internet: every server in it answers whatever it is asked, at once. What goes wrong goes
 * wrong on the uplinks, which are simnet's links in each direction.
 */
import { type Family, familyOf, type IpAddress, ipAddress } from "@ropewalk/kernel/addresses";
import type { Millis } from "@ropewalk/kernel/units";
import type { Link } from "@ropewalk/simnet/link";
import type { LinkProfile } from "@ropewalk/simnet/link-profile";
import type { SimNode } from "@ropewalk/simnet/sim-node";
import { SimNet, type Wire } from "@ropewalk/simnet/simnet";
import type { Message } from "./message.ts";

/** What a path of one family has of its own. */
export interface UplinkAddresses {
  readonly source: IpAddress;
  readonly gateway: IpAddress;
  readonly resolver: IpAddress;
}

export interface SimUplink extends Readonly<Record<Family, UplinkAddresses>> {
  readonly name: string;
  /** `there` leads to the internet. */
  readonly wire: Wire<Message>;
}

export interface UplinkProfiles {
  readonly there: LinkProfile;
  readonly back: LinkProfile;
}

export class SimInternet {
  readonly net: SimNet<Message>;
  readonly site: SimNode<Message>;
  readonly #far: SimNode<Message>;
  readonly #uplinks: SimUplink[] = [];

  constructor(seed: number, servers: readonly IpAddress[]) {
    this.net = new SimNet(seed);
    this.site = this.net.node("site");
    this.#far = this.net.node("internet");
    for (const address of servers) this.#serve(address);
  }

  get uplinks(): readonly SimUplink[] {
    return this.#uplinks;
  }

  get now(): Millis {
    return this.net.time.now;
  }

  addUplink(name: string, { there, back }: UplinkProfiles): SimUplink {
    const wire = this.net.connect(name, this.site, this.#far, there, back);
    const uplink = { name, wire, ...addressesOf(2 + this.#uplinks.length) };
    this.#uplinks.push(uplink);
    for (const { source, gateway, resolver } of [uplink.ipv4, uplink.ipv6]) {
      this.site.listen(source, { onPacket: ({ payload }, _link, at) => payload.arrive(at) });
      this.#far.route(source, wire.back);
      this.#serve(gateway);
      this.#serve(resolver);
    }
    return uplink;
  }

  /** Sends `message` to `to` by `uplink`. */
  send(uplink: SimUplink, to: IpAddress, message: Message): void {
    const { size, isWhole } = message;
    const { source } = uplink[familyOf(to)];
    this.site.send({ from: source, to, size, isWhole, payload: message }, uplink.wire.there);
  }

  #serve(address: IpAddress): void {
    this.#far.listen(address, {
      onPacket: ({ from, to, payload }, link) => {
        const back = this.#backOf(link);
        for (const answer of payload.answers) {
          this.#far.send({ from: to, to: from, size: answer.size, isWhole: answer.isWhole, payload: answer }, back);
        }
      },
    });
  }

  /** Answers return as questions came. */
  #backOf(link: Link<Message>): Link<Message> | undefined {
    for (const { wire } of this.#uplinks) if (wire.there === link) return wire.back;
    return undefined;
  }
}

function addressesOf(network: number): Readonly<Record<Family, UplinkAddresses>> {
  const v4 = (host: number) => ipAddress(`192.0.${network}.${host}`);
  const v6 = (host: string) => ipAddress(`2001:db8:${network}::${host}`);
  return {
    ipv4: { gateway: v4(1), source: v4(2), resolver: v4(53) },
    ipv6: { gateway: ipAddress(`fe80::${network}`), source: v6("2"), resolver: v6("53") },
  };
}

/** Both directions vanish, and what is on its way in them. */
export function cut({ wire }: SimUplink): void {
  wire.there.cut();
  wire.back.cut();
}

export function heal({ wire }: SimUplink): void {
  wire.there.heal();
  wire.back.heal();
}

/** A network that changes as real ones do: a few interfaces, of which any fact may be another a moment later. */
import type { TrafficCounts } from "@ropewalk/backhaul/pure/state";
import type { DeviceFacts, LinkFacts, NetworkFacts } from "@ropewalk/host/facts";
import type { FakeNetwork } from "@ropewalk/host/fake/fake-network";
import { bytes, seconds } from "@ropewalk/kernel/units";
import { pick, type Random } from "./random.ts";

const names = ["eth0", "eth1", "wwan0", "usb0", "a@b", "\u001b[31m", "wlan0"];
const mostLinks = 6;

export class RandomNetwork {
  readonly #network: FakeNetwork;
  readonly #random: Random;
  readonly #counts = new Map<number, TrafficCounts>();

  constructor(network: FakeNetwork, random: Random) {
    this.#network = network;
    this.#random = random;
    for (let made = 0; made < 3; made += 1) this.#addLink();
  }

  get facts(): NetworkFacts {
    return this.#network.facts;
  }

  device(name: string): DeviceFacts | undefined {
    return this.#network.device(name);
  }

  /** What an interface has counted, a little more each time; undefined when it is gone. */
  count(ifindex: number): TrafficCounts | undefined {
    if (!this.facts.links.has(ifindex)) return undefined;
    const old = this.#counts.get(ifindex) ?? { receivedBytes: 0, receivedPackets: 0, sentPackets: 0 };
    const received = this.#random(2) * this.#random(50);
    const counts = {
      receivedBytes: old.receivedBytes + received * (60 + this.#random(1_440)),
      receivedPackets: old.receivedPackets + received,
      sentPackets: old.sentPackets + this.#random(2) * this.#random(50),
    };
    this.#counts.set(ifindex, counts);
    return counts;
  }

  change(): void {
    const links = [...this.facts.links.values()];
    const chance = this.#random(100);
    if (links.length === 0 || (chance < 6 && links.length < mostLinks)) this.#addLink();
    else this.#changeLink(pick(this.#random, links), links, chance);
  }

  #changeLink(link: LinkFacts, links: readonly LinkFacts[], chance: number): void {
    if (chance < 9) this.#network.removeLink(link.ifindex);
    else if (chance < 40) this.#network.setCarrier(link.ifindex, !link.hasCarrier);
    else if (chance < 45) this.#network.changeLink(link.ifindex, { isEnabled: !link.isEnabled });
    else if (chance < 50) this.#network.changeLink(link.ifindex, { mtu: bytes(1280 + this.#random(220)) });
    else if (chance < 55) this.#rename(link, links);
    else if (chance < 65) this.#toggleAddress(link);
    else if (chance < 75) this.#toggleRoute(link);
    else if (chance < 80)
      this.#network.routerDns(link.ifindex, ["2001:db8::53"], pick(this.#random, [seconds(9), undefined]));
    else if (chance < 83)
      this.#network.skipDeadRoutes("ipv4", pick(this.#random, ["all", link.ifindex]), chance === 80);
    else this.#furnish(link);
  }

  #addLink(): void {
    const used = new Set([...this.facts.links.values()].map(({ name }) => name));
    const name = pick(
      this.#random,
      names.filter((each) => !used.has(each)),
    );
    const virtualKind = pick(this.#random, [undefined, undefined, "veth", "tun"]);
    const link = this.#network.addLink({ name, virtualKind, permanentMac: undefined });
    if (this.#random(5) > 0) this.#furnish(link);
  }

  /** Gives a link all that an uplink has. */
  #furnish({ ifindex }: LinkFacts): void {
    this.#network.together(() => {
      this.#network.addAddress(ifindex, `192.0.2.${ifindex % 200}/24`);
      this.#network.addAddress(ifindex, `2001:db8::${(ifindex % 200) + 1}/64`);
      this.#network.addRoute({ via: "192.0.2.254", ifindex, metric: 100 + ifindex });
      this.#network.addRoute({ to: "default6", via: "fe80::1", ifindex, metric: 100 + ifindex });
    });
  }

  #rename({ ifindex }: LinkFacts, links: readonly LinkFacts[]): void {
    const name = pick(this.#random, names);
    if (!links.some((link) => link.name === name)) this.#network.rename(ifindex, name);
  }

  #toggleAddress({ ifindex }: LinkFacts): void {
    const prefix = pick(this.#random, [`192.0.2.${ifindex % 200}/24`, `198.51.100.${ifindex % 200}/24`]);
    const address = prefix.split("/")[0];
    const isHeld = this.facts.addresses.some((own) => own.ifindex === ifindex && own.address === address);
    if (isHeld) this.#network.removeAddress(ifindex, prefix);
    else this.#network.addAddress(ifindex, prefix, { isTentative: this.#random(4) === 0 });
  }

  #toggleRoute({ ifindex }: LinkFacts): void {
    const route = { via: "192.0.2.254", ifindex, metric: 100 + ifindex };
    const isThere = this.facts.routes.some(({ family, metric }) => family === "ipv4" && metric === route.metric);
    if (isThere) this.#network.removeRoute(route);
    else this.#network.addRoute(route);
  }
}

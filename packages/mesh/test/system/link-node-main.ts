/**
 * A node's links and its discovery, as one process that says on standard output what happens: "address A", "up A", "down WHY",
 * "frame TEXT". It greets each peer. Argument: JSON of `NodeOrder`. Each line of its input is JSON of the paths
 * or the static peers that it has from now on.
 */

import { createInterface } from "node:readline";
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import { createNative } from "@ropewalk/host/linux/native";
import { createLinuxPathSockets } from "@ropewalk/host/linux/path-sockets";
import type { Connectivity } from "@ropewalk/kernel/connectivity";
import { Latest } from "@ropewalk/kernel/latest";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { bitsPerSecond, millis, seconds } from "@ropewalk/kernel/units";
import { Dialler } from "@ropewalk/mesh/io/dialler";
import { LanDiscovery } from "@ropewalk/mesh/io/discovery";
import { followPaths } from "@ropewalk/mesh/io/follow-paths";
import { lanInterfaces } from "@ropewalk/mesh/io/lan-interfaces";
import { LinkDoor } from "@ropewalk/mesh/io/link-door";
import { linkIdentity } from "@ropewalk/mesh/io/link-tls";
import { Links } from "@ropewalk/mesh/io/links";

export interface NodeOrder {
  readonly name: string;
  readonly isDiscovering: boolean;
  readonly peers: readonly { readonly host: string; readonly port: number }[];
}

const order: NodeOrder = JSON.parse(process.argv[2] ?? "");
const clock = createSystemClock();
const identity = linkIdentity(generateSigningKey("ed25519"));
const own = identity.address;
const chance = Math.random;
const linkPort = 7412;
const connectivity = new Latest<Connectivity>({
  ...{ generation: 0, ipv4: "unknown", ipv6: "unknown", active: {}, usable: [] },
});
const say = (text: string) => void process.stdout.write(`${text}\n`);

const links = new Links({ own, most: 64, isWelcome: () => false, bitrate: bitsPerSecond(10_000_000) }, clock, {
  onUp: (id, { peer }) => {
    dialler.linkUp(peer);
    const [place] = links.picture().filter((link) => link.id === id);
    say(`up ${peer} ${place?.place.remote} by ${place?.place.binding?.name ?? "any"}`);
    links.send(id, new TextEncoder().encode(`hello from ${order.name}`));
  },
  onDown: (_id, { peer }, { kind }) => {
    dialler.linkDown(peer);
    say(`down ${kind}`);
  },
  onFrame: (_id, frame) => say(`frame ${new TextDecoder().decode(frame)}`),
});
const dialling = {
  ...{ own, atOnce: 8, discovered: 8, headStart: seconds(1), goodAfter: seconds(10) },
  backoff: { first: millis(100), longest: seconds(30) },
};
const dialler = new Dialler(
  { dialling, within: seconds(10) },
  {
    ...{ identity, clock, chance },
    sockets: createLinuxPathSockets(createNative(), { chance }),
    paths: () => connectivity.current.usable,
  },
  {
    onProved: (link, place) => void links.add(link, place),
    onFailed: ({ host }, { reason }) => say(`failed ${host} ${reason}`),
  },
);
void followPaths(connectivity, { links, dialler }, new AbortController().signal);
const rate = { perSecond: 20, burst: 40 };
await LinkDoor.listen(
  {
    ...{ host: "::", port: linkPort, within: seconds(10) },
    strangers: { most: 64, rate: { ...rate, prefixes: 1024 }, total: { perSecond: 100, burst: 200 } },
  },
  { identity, clock },
  {
    onProved: (link, ends) => void links.add(link, ends),
    onRefused: ({ reason }) => say(`refused ${reason}`),
  },
);
const setPeers = (peers: NodeOrder["peers"]) =>
  dialler.setStatic(peers.map((peer) => ({ kind: "static", ...peer, expected: undefined })));
createInterface({ input: process.stdin }).on("line", (line) => {
  const { paths, peers } = JSON.parse(line);
  const { current } = connectivity;
  if (paths !== undefined) connectivity.set({ ...current, generation: current.generation + 1, usable: paths });
  if (peers !== undefined) setPeers(peers);
});
setPeers(order.peers);
if (order.isDiscovering)
  new LanDiscovery(
    { own, linkPort, interval: seconds(60), lifetime: seconds(180), most: 256 },
    { clock, chance, interfaces: lanInterfaces },
    {
      onFound: (target) => {
        say(`found ${target.expected} ${target.host}`);
        dialler.found(target);
      },
      onForgotten: (key) => dialler.forget(key),
    },
  );
say(`address ${own}`);

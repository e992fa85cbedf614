/**
 * The links of a node and their discovery, as one process that says on standard output what happens: "address A", "up A REMOTE by PATH",
 * "down WHY", "frame TEXT", "goes on". It greets each peer. Argument: JSON of `NodeOrder`. Each line of its input is JSON of the paths that it
 * has from now on, or of the table by which it goes on.
 */
import { createInterface } from "node:readline";
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import { createNative } from "@ropewalk/host/linux/native";
import { createLinuxPathSockets } from "@ropewalk/host/linux/path-sockets";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { meshConfig } from "@ropewalk/mesh/config";
import { Connections } from "@ropewalk/mesh/connections";
import { linkIdentity } from "@ropewalk/mesh/io/link-tls";

export interface NodeOrder {
  readonly name: string;
  readonly isDiscovering: boolean;
  /** "192.0.2.1:7412". */
  readonly peers: readonly string[];
  readonly paths: readonly PathBinding[];
}

const { name, isDiscovering, peers, paths }: NodeOrder = JSON.parse(process.argv[2] ?? "");
const identity = linkIdentity(generateSigningKey("ed25519"));
const chance = Math.random;
const sockets = createLinuxPathSockets(createNative(), { chance });
const config = meshConfig({ discovery: { enabled: isDiscovering }, peer: peers.map((at) => ({ at })) });
const say = (text: string) => void process.stdout.write(`${text}\n`);

const connections = new Connections(
  config,
  { identity, clock: createSystemClock(), chance, sockets, readAddresses: undefined },
  {
    onUp: (link, { peer }) => {
      const place = connections.links.picture().find(({ id }) => id === link)?.place;
      say(`up ${peer} ${place?.remote} by ${place?.binding?.name ?? "any"}`);
      connections.links.send(link, new TextEncoder().encode(`hello from ${name}`));
    },
    onFrame: (_link, frame) => say(`frame ${new TextDecoder().decode(frame)}`),
    onDown: () => {},
    tell: (event) => {
      if (event.kind === "link-down") say(`down ${event.why}`);
    },
  },
);
const usePaths = (usable: readonly PathBinding[]) =>
  connections.setConnectivity({ generation: 0, ipv4: "unknown", ipv6: "unknown", active: {}, usable });
createInterface({ input: process.stdin }).on("line", async (line) => {
  const told = JSON.parse(line);
  if (Array.isArray(told)) return usePaths(told);
  await connections.use(meshConfig(told));
  say("goes on");
});
usePaths(paths);
await connections.use(config);
say(`address ${identity.address}`);

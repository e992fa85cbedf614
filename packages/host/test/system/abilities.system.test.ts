/** What a process may do, asked of the kernel with all privileges, with some, and with those of a foreign namespace. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { release } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { HostAbilities, PathEchoSocket } from "@ropewalk/host/ports";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { server } from "../ports/two-uplinks.ts";
import { allowEchoBy, useTwoUplinks } from "./two-uplink-network.ts";

const program = join(import.meta.dirname, "path-unprivileged-main.ts");
const without = (...capabilities: readonly string[]) => {
  const list = capabilities.map((capability) => `-${capability}`).join(",");
  return ["setpriv", `--bounding-set=${list}`, `--inh-caps=${list}`];
};
/** All capabilities, but over a user namespace that does not own the network. */
const foreignUser = ["unshare", "--user", "--map-root-user"];

const all: HostAbilities = {
  kernelRelease: release(),
  isRoot: true,
  netAdmin: true,
  netRaw: true,
  pingSocket: { ipv4: true, ipv6: true },
  bindToDevice: true,
  socketMark: true,
  ipv6: true,
};
const none = { netAdmin: false, netRaw: false, socketMark: false } as const;
const noPing = { pingSocket: { ipv4: false, ipv6: false } } as const;

interface Case {
  readonly who: string;
  readonly as: readonly string[];
  readonly allow: PathEchoSocket["method"] | "nothing";
  readonly lacks: Partial<HostAbilities>;
  /** The way to echo, or the code of the error. */
  readonly echo: PathEchoSocket["method"] | "HOST_NO_ICMP";
  readonly isMarked: boolean;
}

const cases: readonly Case[] = [
  { who: "root", as: ["env"], allow: "ping-socket", lacks: {}, echo: "ping-socket", isMarked: true },
  {
    who: "root whose group may not open ping sockets",
    as: ["env"],
    allow: "raw-socket",
    lacks: noPing,
    echo: "raw-socket",
    isMarked: true,
  },
  {
    who: "a process without CAP_NET_ADMIN",
    as: without("net_admin"),
    allow: "raw-socket",
    lacks: { netAdmin: false, ...noPing },
    echo: "raw-socket",
    isMarked: true,
  },
  {
    who: "a process without network capabilities whose group may open ping sockets",
    as: without("net_admin", "net_raw"),
    allow: "ping-socket",
    lacks: none,
    echo: "ping-socket",
    isMarked: false,
  },
  {
    who: "a process that may do nothing special",
    as: without("net_admin", "net_raw"),
    allow: "nothing",
    lacks: { ...none, ...noPing },
    echo: "HOST_NO_ICMP",
    isMarked: false,
  },
  {
    who: "root of a user namespace that does not own the network",
    as: foreignUser,
    allow: "nothing",
    lacks: { ...none, ...noPing },
    echo: "HOST_NO_ICMP",
    isMarked: false,
  },
];

inOwnNamespace(import.meta.filename, () => {
  useTwoUplinks();
  for (const { who, as, allow, lacks, echo, isMarked } of cases) {
    test(`${who} learns what it may do, and its sockets keep to their path as far as it may`, () => {
      allowEchoBy(allow);
      const [command = "", ...rest] = as;
      const node = [process.execPath, ...process.execArgv, program];
      const { abilities, ...sockets } = JSON.parse(
        execFileSync(command, [...rest, ...node], { encoding: "utf8", timeout: 20_000 }),
      );
      assert.deepEqual(abilities, { ...all, ...lacks });
      assert.deepEqual(sockets, {
        datagram: { isMarked, source: "10.1.2.2" },
        connection: { isMarked, source: "10.1.2.2" },
        echo: echo === "HOST_NO_ICMP" ? echo : { isMarked, method: echo, from: server.ipv4 },
      });
    });
  }
});

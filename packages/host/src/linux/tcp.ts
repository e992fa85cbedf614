/** TCP on the real kernel: everything that one event loop needs for it, made once. */
import type { Clock } from "@ropewalk/kernel/clock";
import type { Tcp } from "../tcp.ts";
import type { Native } from "./native.ts";
import { createPolls } from "./native-poll.ts";
import { createTcpCalls } from "./native-tcp.ts";
import { Readiness } from "./readiness.ts";
import { SOL_TCP, TCP } from "./socket-options.ts";
import { connectTcp } from "./tcp-connect.ts";
import { LinuxTcpConnection } from "./tcp-connection.ts";
import { endpointOf } from "./tcp-endpoints.ts";
import { listenTcp } from "./tcp-listener.ts";

export function createLinuxTcp(native: Native, clock: Clock): Tcp {
  const calls = createTcpCalls();
  const readiness = new Readiness(createPolls());
  const deps = { native, clock, calls, readiness };
  return {
    listen: (at, events, options) => listenTcp(deps, at, events, options?.backlog),
    connect: (to, options) => connectTcp(deps, to, options),
    adopt: (fd, early) => {
      calls.setOption(fd, SOL_TCP, TCP.NODELAY, 1);
      const start = { ...addressesOf(fd), ...(early === undefined ? {} : { early }) };
      return new LinuxTcpConnection(deps, fd, start);
    },
    [Symbol.dispose]: () => readiness[Symbol.dispose](),
  };

  function addressesOf(fd: number) {
    try {
      return { remote: endpointOf(calls.remoteAddress(fd)), local: endpointOf(calls.localAddress(fd)) };
    } catch (error) {
      calls.close(fd);
      throw error;
    }
  }
}

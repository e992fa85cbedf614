/** Connects by TCP, on one path where that is asked. Aborted at any moment, it leaves no descriptor. */
import { familyOf } from "@ropewalk/kernel/addresses";
import { HostError } from "../errors.ts";
import { describeErrno, socketErrorCode } from "../system-error.ts";
import type { TcpConnection, TcpConnectOptions, TcpEndpoint } from "../tcp.ts";
import { AF, ERRNO, isLittleEndian, type Native, SOCK } from "./native.ts";
import { POLL, type Poll } from "./native-poll.ts";
import { openPathDescriptor, refusalOf } from "./path-descriptor.ts";
import { encodeSocketAddress } from "./socket-address.ts";
import { encodeInt, IP_BIND_ADDRESS_NO_PORT, SO, SOL_IP, SOL_SOCKET, SOL_TCP, TCP } from "./socket-options.ts";
import { LinuxTcpConnection, type TcpDeps } from "./tcp-connection.ts";
import { describeEndpoint, endpointOf } from "./tcp-endpoints.ts";

export interface ConnectDeps extends TcpDeps {
  readonly native: Native;
}

export async function connectTcp(
  deps: ConnectDeps,
  to: TcpEndpoint,
  options: TcpConnectOptions,
): Promise<TcpConnection> {
  options.signal.throwIfAborted();
  const fd = open(deps.native, to, options);
  try {
    deps.calls.setOption(fd, SOL_TCP, TCP.NODELAY, 1);
    const address = encodeSocketAddress(to);
    let result = deps.calls.connect(fd, address);
    // To a peer on this machine it stands already; asked again, the kernel says so.
    if (result === -ERRNO.EINPROGRESS) result = deps.calls.connect(fd, address);
    if (result === -ERRNO.EALREADY) result = await outcome(deps, fd, options.signal);
    options.signal.throwIfAborted();
    if (result < 0 && result !== -ERRNO.EISCONN) throw connectError(to, result);
    const local = endpointOf(deps.calls.localAddress(fd));
    return new LinuxTcpConnection(deps, fd, { remote: to, local });
  } catch (error) {
    deps.calls.close(fd);
    throw error;
  }
}

function open(native: Native, to: TcpEndpoint, { binding }: TcpConnectOptions): number {
  if (binding !== undefined) {
    const refusal = refusalOf(binding, to.address, true);
    if (refusal !== undefined) throw new HostError("HOST_SOCKET", `could not connect on ${binding.name}: ${refusal}`);
    return openPathDescriptor(native, binding, {
      type: SOCK.STREAM,
      protocol: 0,
      port: 0,
      prepare: (fd) => void native.setOption(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, encodeInt(1)),
    }).fd;
  }
  const fd = native.socket(familyOf(to.address) === "ipv4" ? AF.INET : AF.INET6, SOCK.STREAM, 0);
  if (fd < 0) throw connectError(to, fd);
  return fd;
}

function connectError(to: TcpEndpoint, result: number): HostError {
  const message = `could not connect to ${describeEndpoint(to)}: ${describeErrno(result)}`;
  return new HostError(socketErrorCode(result), message, { errno: -result });
}

/** 0 or a negated errno; rejects with the signal's reason. */
async function outcome({ readiness, calls }: ConnectDeps, fd: number, signal: AbortSignal): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const abort = () => reject(signal.reason);
  const poll: Poll = readiness.poll(fd, () => {
    poll.listen(0);
    const option = calls.getOption(fd, SOL_SOCKET, SO.ERROR);
    resolve(typeof option === "number" ? option : -option.getInt32(0, isLittleEndian));
  });
  signal.addEventListener("abort", abort, { once: true });
  try {
    poll.listen(POLL.WRITABLE);
    return await promise;
  } finally {
    signal.removeEventListener("abort", abort);
    poll.end();
  }
}

/** A WireGuard device of wireguard-go, or of any program with its protocol, driven over its Unix socket. */
import { join } from "node:path";
import type { Clock } from "@ropewalk/kernel/clock";
import { InternalError } from "@ropewalk/kernel/errors";
import { isInterfaceName } from "../pure/interface-name.ts";
import { describeErrno } from "../system-error.ts";
import type { PeerChange, WireGuardDevice, WireGuardSettings, WireGuardState } from "../wireguard/device.ts";
import { WireGuardError } from "../wireguard/errors.ts";
import { wireGuardPublicKeyOf } from "../wireguard/key-pair.ts";
import { checkPresharedKeys } from "../wireguard/pure/key-octets.ts";
import { LongCalls } from "../wireguard/pure/long-calls.ts";
import type { UapiDevice } from "../wireguard/pure/uapi-answer.ts";
import { encodeChanges, encodeGet, encodeSettings } from "../wireguard/pure/uapi-request.ts";
import { exchange, longestExchange, type UapiSocket } from "./uapi-exchange.ts";

/** Where wireguard-go puts its sockets: compiled into it. */
const socketFolder = "/var/run/wireguard";
/** Changes in one request, which takes wireguard-go some 15 ms: so long does another call wait at most for each that is before it. */
const portion = 64;
/** Calls that may wait. */
const mostWaiting = 256;

export interface UapiDeviceDeps {
  readonly clock: Clock;
  /** Of the socket; undefined: wireguard-go's. */
  readonly folder?: string;
}

/** Nothing is opened before the first call, and nothing stays open after one. Throws InternalError for what is no interface's name. */
export function createUapiDevice(name: string, { clock, folder }: UapiDeviceDeps): WireGuardDevice {
  const at = uapiSocket(name, folder);
  const [reading, writing] = [createTurns(name, clock), createTurns(name, clock)];
  const calls = new LongCalls();
  const ask = async (request: Uint8Array, what: string): Promise<UapiDevice> => {
    const answer = await exchange(at, request, clock);
    if (answer.kind === "done") return answer.device;
    throw answer.kind === "refused"
      ? refusal(name, what, answer.errno)
      : new InternalError("exchange rejects nonsense");
  };
  return {
    name,
    read: async () => stateOf(await reading(() => ask(encodeGet(), "reading"))),
    async configure(settings: WireGuardSettings) {
      await writing(() => ask(encodeSettings(settings), "its settings"));
    },
    async change(changes: readonly PeerChange[]) {
      checkPresharedKeys(changes);
      using call = calls.begin(changes);
      for (let start = 0; start < changes.length; start += portion) {
        // What is asked for from here on is written after this portion.
        const meant = call.stillMeant(changes.slice(start, start + portion));
        if (meant.length > 0) await writing(() => ask(encodeChanges(meant), "changes of peers"));
      }
    },
  };
}

/** Throws InternalError for what is no interface's name. */
export function uapiSocket(name: string, folder: string = socketFolder): UapiSocket {
  if (!isInterfaceName(name)) throw new InternalError(`"${name}" is not the name of an interface`);
  return { name, path: join(folder, `${name}.sock`) };
}

/**
 * Requests go one after another, in the order in which they were asked for. Who has waited longer than a
 * device may take to answer is refused: it hangs, and the others that wait shall not each wait for that anew.
 */
function createTurns(name: string, clock: Clock): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (work) => {
    if (waiting >= mostWaiting) throw busy(name, `${mostWaiting} calls wait for it`);
    waiting += 1;
    const end = clock.now() + longestExchange;
    const turn = last.then(() => {
      if (clock.now() >= end) throw busy(name, `others kept it busy for ${longestExchange} ms`);
      return work();
    });
    last = turn
      .catch(() => {})
      .finally(() => {
        waiting -= 1;
      });
    return turn;
  };
}

function busy(name: string, why: string): WireGuardError {
  return new WireGuardError(
    "HOST_WIREGUARD_BUSY",
    `the WireGuard device ${name} was not asked, for ${why}: ask again later, with more in one call`,
  );
}

function refusal(name: string, what: string, errno: number): WireGuardError {
  const result = -Math.abs(errno);
  const said = describeErrno(result);
  return said.startsWith("EADDRINUSE")
    ? new WireGuardError(
        "HOST_WIREGUARD_PORT_IN_USE",
        `the port of the WireGuard device ${name} is taken: choose another`,
        {
          errno,
        },
      )
    : new WireGuardError("HOST_WIREGUARD_REFUSED", `the WireGuard device ${name} refused ${what}: ${said}`, { errno });
}

/** Nobody but the device needs the private key: its public key is told, and it is erased. */
function stateOf({ privateKey, ...device }: UapiDevice): WireGuardState {
  using key = privateKey;
  return { publicKey: key === undefined ? undefined : wireGuardPublicKeyOf(key), ...device };
}

/** ExitService of an exit, for entry and nobody else: messages become orders, and what comes of them becomes messages. */
import type { ExitService } from "@ropewalk/api/proto/vpn/exit";
import { type Clock, sleep } from "@ropewalk/kernel/clock";
import { seconds } from "@ropewalk/kernel/units";
import { type CallStatus, RefusedCall } from "@ropewalk/ops/call-status";
import type { GrpcHandlers, IncomingCall } from "@ropewalk/ops/grpc-server";
import { VpnError, type VpnErrorCode } from "../errors.ts";
import type { ExitNode } from "./exit-node.ts";
import { type Decoded, decodeOrders, decodeSnapshot, encodeAnswer, encodeHeld } from "./pure/order-codec.ts";
import { type ExitAbout, encodeStatus } from "./status-message.ts";

export interface ControlServiceDeps {
  readonly node: Pick<ExitNode, "apply" | "applySnapshot" | "held" | "status" | "watch">;
  /** A DNS name that the certificate of whoever calls must have. */
  readonly entryName: string;
  readonly about: ExitAbout;
  readonly clock: Clock;
}

/** Of one message of a list. */
const heldTogether = 500;
/** From one status that is told of itself to the next. */
const statusEvery = seconds(1);

export function exitHandlers({ node, entryName, about, clock }: ControlServiceDeps): GrpcHandlers<typeof ExitService> {
  const status = () => ({ status: encodeStatus(node.status(), about) });
  return {
    async apply({ orders }, call) {
      requireEntry(call, entryName);
      const answers = await refusing(node.apply(valid(decodeOrders(orders))));
      return { answers: answers.map(encodeAnswer) };
    },
    async applySnapshot({ snapshot }, call) {
      requireEntry(call, entryName);
      const answer = await refusing(node.applySnapshot(valid(decodeSnapshot(snapshot))));
      return answer.kind === "taken"
        ? { outcome: { case: "taken", value: { answers: answer.answers.map(encodeAnswer) } } }
        : { outcome: { case: "refused", value: { why: answer.why } } };
    },
    async *list(_request, call) {
      requireEntry(call, entryName);
      const held = [...node.held()];
      for (let start = 0; start < held.length; start += heldTogether) {
        const now = clock.now();
        yield { held: held.slice(start, start + heldTogether).map((one) => encodeHeld(one, now)) };
      }
    },
    async status(_request, call) {
      requireEntry(call, entryName);
      return status();
    },
    async *watch(_request, call) {
      requireEntry(call, entryName);
      for await (const _change of changes(node, clock, call.signal)) yield status();
    },
  };
}

function requireEntry({ callerNames }: IncomingCall, entryName: string): void {
  if (callerNames.includes(`DNS:${entryName}`)) return;
  throw new RefusedCall("PERMISSION_DENIED", `only ${entryName} may ask this of an exit`);
}

function valid<Value>(decoded: Decoded<Value>): Value {
  if (decoded.kind === "invalid") throw new RefusedCall("INVALID_ARGUMENT", decoded.what);
  return decoded.value;
}

const statuses: Readonly<Record<VpnErrorCode, CallStatus>> = {
  VPN_BUSY: "RESOURCE_EXHAUSTED",
  VPN_STORE: "UNAVAILABLE",
  VPN_UNDONE: "UNAVAILABLE",
  VPN_CLOSED: "UNAVAILABLE",
};

async function refusing<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof VpnError ? new RefusedCall(statuses[error.code], error.message) : error;
  }
}

/** Once at first, then for whatever changed since the last. */
async function* changes(node: Pick<ExitNode, "watch">, clock: Clock, signal: AbortSignal): AsyncGenerator<void> {
  let change = Promise.withResolvers<void>();
  const wake = () => change.resolve();
  using _watch = node.watch(wake);
  signal.addEventListener("abort", wake, { once: true });
  while (!signal.aborted) {
    change = Promise.withResolvers<void>();
    yield;
    await sleep(clock, "status of an exit", statusEvery, signal).catch(() => {});
    if (!signal.aborted) await change.promise;
  }
}

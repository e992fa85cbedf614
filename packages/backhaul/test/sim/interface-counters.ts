/** An interface's counters on a simulated uplink: our probes, what fills the queues, and what people do. */
import type { LinkCounters } from "@ropewalk/host/facts";
import type { Wire } from "@ropewalk/simnet/simnet";
import type { Message } from "./message.ts";
import { probeSizes } from "./probe-sizes.ts";

/** `own`: the site's own transfers fill the queues, and pass its interface. `foreign`: those of others, who share the line. */
export type QueueTraffic = "own" | "foreign";

export interface CarriedTraffic {
  readonly sentPackets: number;
  readonly receivedPackets: number;
  readonly receivedBytes: number;
}

const noTraffic: CarriedTraffic = { sentPackets: 0, receivedPackets: 0, receivedBytes: 0 };
const segment = 1_500;
const { acknowledgement } = probeSizes.ipv4;

export function countersOf(
  { there, back }: Wire<Message>,
  queueTraffic: QueueTraffic,
  people: CarriedTraffic = noTraffic,
): LinkCounters {
  const queues = queueTraffic === "own" ? transfers({ there, back }) : noTraffic;
  return {
    receivedBytes: Math.floor(back.counts.deliveredBytes + queues.receivedBytes + people.receivedBytes),
    sentBytes: there.counts.sentBytes,
    receivedPackets: Math.floor(back.counts.delivered + queues.receivedPackets + people.receivedPackets),
    sentPackets: Math.floor(there.counts.sent + queues.sentPackets + people.sentPackets),
    receiveErrors: 0,
    sendErrors: 0,
    receiveDropped: 0,
    sendDropped: 0,
  };
}

/** Full segments, and for two of them an acknowledgement the other way (RFC 9293 §3.8.6.3). */
function transfers({ there, back }: Wire<Message>): CarriedTraffic {
  const up = (there.carriedBytes - there.counts.deliveredBytes) / segment;
  const down = (back.carriedBytes - back.counts.deliveredBytes) / segment;
  return {
    sentPackets: up + down / 2,
    receivedPackets: down + up / 2,
    receivedBytes: down * segment + (up / 2) * acknowledgement,
  };
}

/** What one who asks may cost. */
import { type Bytes, kibibytes, type Millis, seconds } from "@ropewalk/kernel/units";

export interface HttpLimits {
  readonly headersWithin: Millis;
  /** From there to the end of the whole request. */
  readonly requestWithin: Millis;
  /** For what entry does with it, a node's answer included. */
  readonly answerWithin: Millis;
  readonly keepAlive: Millis;
  readonly headers: Bytes;
  readonly body: Bytes;
  readonly connections: number;
  /** Requests that are being answered at once. */
  readonly underWay: number;
  /** Requests of one network (an IPv4 /24, an IPv6 /56) each second, and at once. */
  readonly networkRate: number;
  readonly networkBurst: number;
  /** Of one customer. */
  readonly customerRate: number;
  readonly customerBurst: number;
}

export const usualHttpLimits: HttpLimits = {
  headersWithin: seconds(5),
  requestWithin: seconds(10),
  answerWithin: seconds(20),
  keepAlive: seconds(30),
  headers: kibibytes(16),
  body: kibibytes(16),
  connections: 4096,
  underWay: 2048,
  networkRate: 2000,
  networkBurst: 4000,
  customerRate: 20,
  customerBurst: 60,
};

/** Networks and customers whose rates are remembered. */
export const mostRates = 65_536;

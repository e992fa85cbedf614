/** A channel between any two of several parts. */
import { MessageChannel, type MessagePort } from "node:worker_threads";

/** Of each part its port to each other by that one's number. */
export function channelsBetween(parts: number): readonly (readonly (MessagePort | undefined)[])[] {
  const ports = Array.from({ length: parts }, () => new Array<MessagePort | undefined>(parts).fill(undefined));
  for (const [one, toOthers] of ports.entries())
    for (const [other, toOne] of ports.slice(0, one).entries()) {
      const { port1, port2 } = new MessageChannel();
      toOthers[other] = port1;
      toOne[one] = port2;
    }
  return ports;
}

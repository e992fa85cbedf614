/** One question to a resolver over a TCP connection of its own. */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { type DnsQuestion, decodeDnsResponse, encodeDnsQuery, isSameQuestion } from "../../pure/probing/dns-message.ts";
import { type DnsAnswer, type DnsFinding, dnsPort, notAName } from "./dns-answer.ts";
import { connectOnPath, type PathConnection } from "./path-connection.ts";
import { drawInteger, type ProbeGround, whenAborted } from "./probe-ground.ts";

const longestResponse = 16_384;

export async function askOverTcp(question: DnsQuestion, resolver: IpAddress, ground: ProbeGround): Promise<DnsFinding> {
  const id = drawInteger(ground.chance, 16);
  const query = encodeDnsQuery(id, question);
  if (query === undefined) return notAName(question);
  const began = ground.clock.now();
  const attempt = await connectOnPath(ground, { address: resolver, port: dnsPort });
  if (attempt.kind === "not-connected") return { answer: attempt.result, traffic: attempt.traffic };
  const { connection } = attempt;
  // RFC 1035 §4.2.2: two octets of length before each message, in one packet with it (RFC 7766 §8).
  connection.send(Uint8Array.of(query.length >> 8, query.length & 0xff, ...query));
  const message = await receiveMessage(connection, ground.signal);
  const rtt = millis(ground.clock.now() - began);
  return { answer: judgeMessage(message, { id, question }, { resolver, rtt }), traffic: await connection.end() };
}

function judgeMessage(
  message: Uint8Array | "ended" | "silent",
  asked: { readonly id: number; readonly question: DnsQuestion },
  of: { readonly resolver: IpAddress; readonly rtt: Millis },
): DnsAnswer {
  if (message === "silent") return { kind: "silent" };
  if (message === "ended") return { kind: "refused", detail: "the connection was closed without an answer" };
  const response = decodeDnsResponse(message);
  if (response === undefined) return { kind: "intercepted", detail: "what answered speaks no DNS" };
  if (response.id !== asked.id || !isSameQuestion(response.question, asked.question)) {
    return { kind: "intercepted", detail: "the answer is to another question" };
  }
  return { kind: "response", response, ...of };
}

/** The first message of the connection; one longer than any that is waited for is cut, and then no message. */
function receiveMessage(connection: PathConnection, signal: AbortSignal): Promise<Uint8Array | "ended" | "silent"> {
  const { promise, resolve } = Promise.withResolvers<Uint8Array | "ended" | "silent">();
  const octets = new Uint8Array(2 + longestResponse);
  let length = 0;
  whenAborted(signal, () => resolve("silent"));
  connection.listen({
    onOctets: (chunk) => {
      const part = chunk.subarray(0, octets.length - length);
      octets.set(part, length);
      length += part.length;
      const whole = 2 + (((octets[0] ?? 0) << 8) | (octets[1] ?? 0));
      if (length >= 2 && length >= Math.min(whole, octets.length)) resolve(octets.subarray(2, Math.min(whole, length)));
    },
    onEnd: () => resolve("ended"),
  });
  return promise;
}

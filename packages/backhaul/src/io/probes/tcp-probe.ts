/** Whether a TCP handshake comes about; its time is one round trip. Nothing is said over the connection. */
import { millis } from "@ropewalk/kernel/units";
import type { ProbeQuestion } from "../../pure/health/probe.ts";
import { connectOnPath } from "./path-connection.ts";
import type { ProbeFinding, ProbeGround } from "./probe-ground.ts";

export async function probeTcp(
  { target, port }: Extract<ProbeQuestion, { kind: "tcp" }>,
  ground: ProbeGround,
): Promise<ProbeFinding> {
  const began = ground.clock.now();
  const attempt = await connectOnPath(ground, { address: target, port });
  if (attempt.kind === "not-connected") return attempt;
  const rtt = millis(ground.clock.now() - began);
  return { result: { kind: "answered", rtt }, traffic: await attempt.connection.end() };
}

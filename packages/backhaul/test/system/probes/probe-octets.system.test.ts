/** What probes say that they cost, against what the far side of the link counts: within a tenth, mostly to the octet. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProbePath, ProbeQuestion } from "@ropewalk/backhaul/pure/health/probe";
import { bytes, seconds } from "@ropewalk/kernel/units";
import { inOwnMachine } from "../in-own-machine.ts";
import { Asking } from "./asking.ts";
import { farEnd, farPort, serverName } from "./far-address.ts";
import { eachPath, useProbedNetwork } from "./probed-network.ts";

inOwnMachine(import.meta.filename, () => {
  const network = useProbedNetwork();
  for (const path of eachPath) {
    for (const [what, question, times = 10] of questions(path)) {
      test(`${path.family}: ${what}`, async () => {
        await using asking = new Asking([path], network().authority);
        let told = { sent: 0, received: 0 };
        const seen = await network().octetsOf(async () => {
          // One packet of a close that crosses ours is a tenth of a small probe; of ten it is not.
          for (let count = 0; count < times; count += 1) {
            const { traffic } = await asking.ask(path, question, seconds(8));
            told = { sent: told.sent + traffic.sent, received: told.received + traffic.received };
          }
        });
        for (const direction of ["sent", "received"] as const) {
          const difference = Math.abs(told[direction] - seen[direction]);
          assert.ok(
            difference <= seen[direction] / 10,
            `${direction}: ${told[direction]} told, ${seen[direction]} seen`,
          );
        }
      });
    }
  }
});

function questions({
  family,
}: ProbePath): readonly (readonly [what: string, question: ProbeQuestion, times?: number])[] {
  const target = farEnd.server[family];
  const record = family === "ipv4" ? "A" : "AAAA";
  const host = family === "ipv4" ? target : `[${target}]`;
  const dns = (transport: "udp" | "tcp") =>
    ({ kind: "dns", resolver: target, transport, name: serverName, record }) as const;
  const tls = (port: number) => ({ kind: "tls", target, port, serverName }) as const;
  const page = { kind: "http", url: `http://${host}/204`, status: 204, body: "", resolvers: [] } as const;
  const full = (to: typeof target) => ({ kind: "mtu", target: to, size: bytes(1_500) }) as const;
  return [
    ["an echo", { kind: "echo", target }],
    ["a TCP handshake", { kind: "tcp", target, port: farPort.http }],
    ["a refused connection", { kind: "tcp", target, port: farPort.closed }],
    ["a question over UDP", dns("udp")],
    ["a question over TCP", dns("tcp")],
    ["a TLS 1.3 handshake", tls(farPort.tls)],
    ["a TLS 1.2 handshake", tls(farPort.tls12)],
    ["a certificate of another name", tls(farPort.otherName)],
    ["a page", page],
    ["a page by name", { ...page, url: `http://${serverName}/204`, resolvers: [target] }],
    ["a packet of full size", full(target)],
    ["a search for the largest packet", full(farEnd.narrow[family]), 1],
  ];
}

/** Probes on the real kernel, of real servers and of every kind of bad one: what is told of each, over both families. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import type { ProbePath, ProbeQuestion, ProbeResult } from "@ropewalk/backhaul/pure/health/probe";
import { bytes, type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { inOwnMachine } from "../in-own-machine.ts";
import { Asking } from "./asking.ts";
import { farEnd, farPort, serverName } from "./far-address.ts";
import { allowPingSockets, eachPath, type ProbedNetwork, paths, useProbedNetwork } from "./probed-network.ts";

/** Short for what never comes, long for what comes in the end. */
const short = millis(400);

inOwnMachine(import.meta.filename, () => {
  const network = useProbedNetwork();
  for (const path of eachPath) {
    echoesAndPacketSizes(path, network);
    connections(path, network);
    certificates(path, network);
    pages(path, network);
    resolvers(path, network);
  }
  refusalsOfThisKernel(network);
  nothingStaysOpen(network);
  aLinkThatIsDown(network);
});

/** The result as one line: `answered`, `limited 1200`, `refused: …`. */
function told(result: ProbeResult): string {
  switch (result.kind) {
    case "answered":
    case "silent":
      return result.kind;
    case "resolved":
      return `resolved ${result.rcode} ${result.addresses.join(" ")}`.trim();
    case "limited":
      return `limited ${result.size}`;
    case "unsent":
      return `unsent ${result.cause}: ${result.detail}`;
    default:
      return `${result.kind}: ${result.detail}`;
  }
}

type Expected = readonly (readonly [what: string, question: ProbeQuestion, says: RegExp, limit?: Millis])[];

/** Asks all of them at once and compares what is told. */
async function expectAll(path: ProbePath, network: () => ProbedNetwork, expected: Expected): Promise<void> {
  await using asking = new Asking([path], network().authority);
  await Promise.all(
    expected.map(async ([what, question, says, limit]) => {
      assert.match(told(await asking.result(path, question, limit)), says, what);
    }),
  );
}

function echoesAndPacketSizes(path: ProbePath, network: () => ProbedNetwork): void {
  const { family } = path;
  const echo = { kind: "echo", target: farEnd.server[family] } as const;
  const full = (host: keyof typeof farEnd) =>
    ({ kind: "mtu", target: farEnd[host][family], size: bytes(1_500) }) as const;

  for (const method of ["ping", "raw"] as const) {
    test(`${family}: echoes by ${method} sockets are answered, many at once`, async () => {
      allowPingSockets(method === "ping");
      await using asking = new Asking([path]);
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => asking.ask(path, echo)));
      for (const { result } of outcomes) assert.ok(result.kind === "answered" && result.rtt < 500);
    });

    test(`${family}: packet sizes are measured by ${method} sockets`, async () => {
      allowPingSockets(method === "ping");
      const limit = family === "ipv4" ? 1_200 : 1_300;
      await expectAll(path, network, [
        ["a path of full size", full("server"), /^answered$/],
        ["a blackhole for large packets", full("narrow"), new RegExp(`^limited ${limit}$`), seconds(8)],
        ["a router that tells its MTU", full("beyond"), /^answered$/, seconds(8)],
        ["no ICMP at all", full("deaf"), /^silent$/, seconds(1)],
      ]);
    });
  }
}

function connections(path: ProbePath, network: () => ProbedNetwork): void {
  const { family } = path;
  const tcp = (host: keyof typeof farEnd, port: number) =>
    ({ kind: "tcp", target: farEnd[host][family], port }) as const;

  test(`${family}: TCP is answered, refused by the host or by a router, or nothing comes`, () =>
    expectAll(path, network, [
      ["a server", tcp("server", farPort.http), /^answered$/],
      ["a closed port", tcp("server", farPort.closed), /^refused: ECONNREFUSED, connection refused$/],
      [
        "a router's unreachable",
        tcp("unreachable", farPort.http),
        /^unsent unreachable: .*E(HOST|NET)UNREACH/,
        seconds(4),
      ],
      ["silence", tcp("silent", farPort.http), /^silent$/, short],
    ]));
}

function certificates(path: ProbePath, network: () => ProbedNetwork): void {
  const target = farEnd.server[path.family];
  const tls = (port: keyof typeof farPort) => ({ kind: "tls", target, port: farPort[port], serverName }) as const;

  test(`${path.family}: only a certificate that proves the name is an answer`, () =>
    expectAll(path, network, [
      ["TLS 1.3", tls("tls"), /^answered$/],
      ["TLS 1.2", tls("tls12"), /^answered$/],
      ["another name", tls("otherName"), /^intercepted: the certificate is for portal\.example, not for probe\.test$/],
      [
        "self-signed",
        tls("selfSigned"),
        /^intercepted: .* proves nothing: DEPTH_ZERO_SELF_SIGNED_CERT, issued by probe\.test$/,
      ],
      ["expired", tls("expired"), /^intercepted: .* proves nothing: CERT_HAS_EXPIRED, issued by Test Authority$/],
      [
        "not valid yet",
        tls("notYetValid"),
        /^skipped: the clock of this machine says 20.*, and the certificate begins 2048-/,
      ],
      ["another protocol", tls("garbage"), /^intercepted: no TLS: ERR_SSL_/],
      ["garbage without end", tls("endlessGarbage"), /^intercepted: /],
      ["silence after the handshake of TCP", tls("mute"), /^silent$/, short],
      ["a close", tls("closing"), /^refused: the connection was closed before a name was proven$/],
      ["a reset", tls("resetting"), /^refused: the connection was closed before a name was proven$/],
      ["a closed port", tls("closed"), /^skipped: no connection: ECONNREFUSED/],
    ]));

  test(`${path.family}: an authority that nobody trusts proves no name`, async () => {
    await using asking = new Asking([path]);
    assert.match(told(await asking.result(path, tls("tls"))), /^intercepted: .* proves nothing: UNABLE_TO_/);
  });
}

function pages(path: ProbePath, network: () => ProbedNetwork): void {
  const { family } = path;
  const host = family === "ipv4" ? farEnd.server.ipv4 : `[${farEnd.server.ipv6}]`;
  const get = (page: string, status = 204, body = "") =>
    ({ kind: "http", url: `http://${host}/${page}`, status, body, resolvers: [] }) as const;
  const named = { ...get("204"), url: `http://${serverName}/204` };

  test(`${family}: only the right page is an answer`, () =>
    expectAll(path, network, [
      ["204", get("204"), /^answered$/],
      ["a body of known length", get("200", 200, "ok"), /^answered$/],
      ["a body in chunks", get("chunked", 200, "ok"), /^answered$/],
      ["a redirection", get("302"), /^intercepted: redirected \(302\) to http:\/\/portal\.example\/login$/],
      ["a 204 with a body", get("204-with-body"), /^intercepted: another body \(7 octets\) with status 204$/],
      ["another body", get("other-body", 200, "ok"), /^intercepted: another body \(7 octets\) with status 200$/],
      ["another protocol", get("garbage"), /^intercepted: no HTTP answer/],
      ["headers without end", get("endless"), /^intercepted: an answer without end$/, short],
      ["a body without end", get("endless-body", 200, "ok"), /^intercepted: an answer without end$/, short],
      ["silence", get("mute"), /^silent$/, short],
      ["a close", get("nothing"), /^refused: /],
    ]));

  test(`${family}: the page's host is resolved by the path's resolvers`, () =>
    expectAll(path, network, [
      ["an honest resolver", { ...named, resolvers: [farEnd.server[family]] }, /^answered$/],
      ["no such name", { ...named, resolvers: [farEnd.unknowing[family]] }, /^skipped: probe\.test did not resolve/],
      [
        "a silent resolver",
        { ...named, resolvers: [farEnd.silent[family]] },
        /^skipped: probe\.test did not resolve/,
        short,
      ],
    ]));
}

function resolvers(path: ProbePath, network: () => ProbedNetwork): void {
  const { family } = path;
  const dns = (host: keyof typeof farEnd, transport: "udp" | "tcp" = "udp") =>
    ({
      kind: "dns",
      resolver: farEnd[host][family],
      transport,
      name: serverName,
      record: family === "ipv4" ? "A" : "AAAA",
    }) as const;
  const right = new RegExp(`^resolved 0 ${farEnd.server[family]}$`);

  test(`${family}: only the right answer of the resolver that was asked is heard`, () =>
    expectAll(path, network, [
      ["UDP", dns("server"), right],
      ["TCP", dns("server", "tcp"), right],
      ["a wrong id, then the right one", dns("otherId"), right],
      ["from another host", dns("otherSender"), /^silent$/, short],
      ["to another question", dns("otherQuestion"), /^silent$/, short],
      ["a name that points at itself", dns("looping"), /^silent$/, short],
      ["the same over TCP", dns("looping", "tcp"), /^intercepted: what answered speaks no DNS$/],
      ["a refusal", dns("refusing"), /^refused: the resolver will not answer: REFUSED$/],
      ["no such name", dns("unknowing"), /^resolved 3$/],
      ["an answer that does not fit", dns("truncating"), right],
      ["a resolver that takes 1.5 s", dns("slow"), right, seconds(3)],
      ["a query that is lost", dns("forgetful"), right, seconds(3)],
      ["silence", dns("silent"), /^silent$/, short],
    ]));

  test(`${family}: a slow resolver is told with its time, though it was asked again meanwhile`, async () => {
    await using asking = new Asking([path]);
    const result = await asking.result(path, dns("slow"), seconds(3));
    assert.ok(result.kind === "resolved" && result.rtt >= 1_490 && result.rtt < 2_400, JSON.stringify(result));
  });
}

function refusalsOfThisKernel(network: () => ProbedNetwork): void {
  for (const path of eachPath) {
    const { family } = path;
    const question = { kind: "tcp", target: farEnd.server[family], port: farPort.http } as const;

    test(`${family}: an address that the interface lost makes the path gone`, async () => {
      const source = path.source.replace("2", "7").replace(/::2$/, "::7") as typeof path.source;
      const renumbered = { ...path, source };
      await expectAll(renumbered, network, [
        ["TCP", question, /^unsent path-gone: /],
        ["echo", { kind: "echo", target: farEnd.server[family] }, /^unsent path-gone: /],
      ]);
    });
  }
}

/** Nothing comes after it: the kernel forgets routes and addresses of a link that is down. */
function aLinkThatIsDown(network: () => ProbedNetwork): void {
  test("on a link that is down nothing is sent, and a thousand tries cost little", async () => {
    const target = farEnd.server.ipv4;
    network().ip("link set w1 down");
    await expectAll(paths.ipv4, network, [
      ["TCP", { kind: "tcp", target, port: farPort.http }, /^unsent unreachable: /],
      ["echo", { kind: "echo", target }, /^unsent unreachable: ENETUNREACH/],
      [
        "DNS",
        { kind: "dns", resolver: target, transport: "udp", name: serverName, record: "A" },
        /^unsent unreachable: E/,
      ],
      ["mtu", { kind: "mtu", target, size: bytes(1_500) }, /^unsent unreachable: E/],
    ]);
    await using asking = new Asking([paths.ipv4]);
    const before = process.cpuUsage();
    for (let count = 0; count < 1_000; count += 1) asking.send(paths.ipv4, { kind: "echo", target });
    await asking.result(paths.ipv4, { kind: "echo", target });
    const { user, system } = process.cpuUsage(before);
    assert.equal(asking.outcomes.length, 1_001);
    assert.ok((user + system) / 1_000 < 500, `${(user + system) / 1_000} ms of processor`);
  });
}

function nothingStaysOpen(network: () => ProbedNetwork): void {
  test("hundreds of probes of every kind leave no descriptor behind, and the process whole", async () => {
    const questions = (path: ProbePath): readonly ProbeQuestion[] => {
      const target = farEnd.server[path.family];
      const host = path.family === "ipv4" ? target : `[${target}]`;
      const tls = (port: number) => ({ kind: "tls", target, port, serverName }) as const;
      return [
        { kind: "echo", target },
        { kind: "tcp", target, port: farPort.http },
        { kind: "mtu", target, size: bytes(1_500) },
        { kind: "dns", resolver: target, transport: "udp", name: serverName, record: "A" },
        { kind: "http", url: `http://${host}/204`, status: 204, body: "", resolvers: [] },
        ...[farPort.tls, farPort.tls12, farPort.otherName, farPort.garbage, farPort.resetting].map(tls),
      ];
    };
    const round = async (asking: Asking) => {
      const all = eachPath.flatMap((path) => questions(path).map((question) => asking.ask(path, question)));
      await Promise.all(all);
    };
    const before = await (async () => {
      await using asking = new Asking(eachPath, network().authority);
      await round(asking);
      return openDescriptors();
    })();
    await using asking = new Asking(eachPath, network().authority);
    for (let count = 0; count < 25; count += 1) await round(asking);
    assert.equal(openDescriptors(), before);
  });

  test("disposing in the midst of probes closes every descriptor", async () => {
    const before = openDescriptors();
    const asking = new Asking(eachPath, network().authority);
    for (const path of eachPath) {
      const target = farEnd.server[path.family];
      for (const port of Object.values(farPort)) asking.send(path, { kind: "tls", target, port, serverName });
      asking.send(path, { kind: "echo", target });
    }
    await asking[Symbol.asyncDispose]();
    assert.equal(openDescriptors(), before);
  });
}

function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

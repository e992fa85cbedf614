/** What others take to set up one connection whose both ends show certificates: OpenSSL, Node's TLS alone, stunnel. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createServer as createTlsServer, connect as tlsConnect } from "node:tls";
import { findProgram } from "../peers/program.ts";
import type { Made } from "./identities.ts";

export interface Entrant extends AsyncDisposable {
  /** Milliseconds of each of `count` connections, or one mean of them. */
  readonly shakes: (count: number) => Promise<readonly number[]>;
}

/** Same algorithms as ours and no thread between: what a TLS handshake costs in Node, and what ours adds to it. */
export async function nodeTls({ source, destination }: Made): Promise<Entrant> {
  const files = (own: Made["source"]) => ({
    ...({ minVersion: "TLSv1.3", maxVersion: "TLSv1.3", ecdhCurve: "X25519MLKEM768", sigalgs: "mldsa65" } as const),
    ...{ cert: readFileSync(own.certificate), key: readFileSync(own.key), ca: readFileSync(own.authorities[0] ?? "") },
  });
  const server = createTlsServer({ ...files(destination), requestCert: true, rejectUnauthorized: true }, (socket) => {
    socket.on("error", () => {});
    socket.end("x");
  });
  const port = await listening(server);
  const own = files(source);
  const shake = async () => {
    const began = performance.now();
    const socket = tlsConnect({ ...own, host: "127.0.0.1", port, servername: "localhost" });
    await once(socket, "data");
    const took = performance.now() - began;
    socket.destroy();
    return took;
  };
  return { shakes: (count) => repeated(count, shake), [Symbol.asyncDispose]: () => closed(server) };
}

/** The machine's own OpenSSL, which Debian ships without anything post-quantum: X25519 and P-256. */
export async function openssl({ source, destination }: Made): Promise<Entrant> {
  const free = createServer();
  const port = await listening(free);
  await closed(free);
  const own = (files: Made["source"]) => ["-cert", files.certificate, "-key", files.key];
  const [ca = ""] = source.authorities;
  const server = started("openssl", [
    ...["s_server", "-accept", `127.0.0.1:${port}`, "-quiet", "-tls1_3", "-Verify", "1", "-verify_return_error"],
    ...["-CAfile", ca, "-no_ticket", ...own(destination)],
  ]);
  await reachable(port);
  const shakes = async () => {
    const timing = started("openssl", [
      ...["s_time", "-connect", `127.0.0.1:${port}`, "-new", "-tls1_3", "-verify", "1", "-CAfile", ca, "-time", "1"],
      ...own(source),
    ]);
    let said = "";
    timing.stdout?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    await once(timing, "close");
    const [, count, real] = /(\d+) connections in (\d+) real seconds/.exec(said) ?? [];
    const took = (Number(real) * 1_000) / Number(count);
    if (!Number.isFinite(took)) throw new Error(`openssl s_time said nothing of use: ${said}`);
    return [took];
  };
  return { shakes, [Symbol.asyncDispose]: () => stopped(server) };
}

/** A client and a server of it, and an echo behind: until the first octet has come back. */
export async function stunnel({ source, destination }: Made, folder: string): Promise<Entrant | string> {
  const program = findProgram("stunnel", "usr/bin/stunnel4");
  if (program.kind === "lacking") return program.why;
  const echo = createServer((socket) => void socket.on("error", () => {}).pipe(socket));
  const echoPort = await listening(echo);
  const [outer, inner] = [await freePort(), await freePort()];
  const [ca = ""] = source.authorities;
  const common = [
    "foreground = yes",
    "debug = err",
    "pid =",
    `CAfile = ${ca}`,
    "verifyChain = yes",
    "sslVersion = TLSv1.3",
  ];
  const run = async (name: string, own: Made["source"], lines: readonly string[]) => {
    const file = join(folder, `${name}.conf`);
    const service = [`[${name}]`, `cert = ${own.certificate}`, `key = ${own.key}`, ...lines];
    await writeFile(file, `${[...common, ...service].join("\n")}\n`);
    const [command = "", ...words] = program.words;
    return started(command, [...words, file]);
  };
  const server = await run("server", destination, [`accept = 127.0.0.1:${inner}`, `connect = 127.0.0.1:${echoPort}`]);
  await reachable(inner);
  const client = await run("client", source, [
    ...["client = yes", `accept = 127.0.0.1:${outer}`, `connect = 127.0.0.1:${inner}`, "sessionCacheSize = 1"],
  ]);
  await reachable(outer);
  const shake = async () => {
    const began = performance.now();
    const socket = connect({ host: "127.0.0.1", port: outer, noDelay: true });
    socket.write("x");
    await once(socket, "data");
    const took = performance.now() - began;
    socket.destroy();
    return took;
  };
  const end = async () => {
    await stopped(client);
    await stopped(server);
    await closed(echo);
  };
  return { shakes: (count) => repeated(count, shake), [Symbol.asyncDispose]: end };
}

async function repeated(count: number, shake: () => Promise<number>): Promise<readonly number[]> {
  const took: number[] = [];
  for (let index = 0; index < count; index += 1) took.push(await shake());
  return took;
}

function started(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
  process.once("exit", () => child.kill("SIGKILL"));
  return child;
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "close");
}

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, "close");
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await closed(server);
  return port;
}

async function reachable(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const socket = connect({ host: "127.0.0.1", port });
    const isUp = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    });
    socket.destroy();
    if (isUp) return;
    await delay(50);
  }
  throw new Error(`nobody listens at port ${port}`);
}

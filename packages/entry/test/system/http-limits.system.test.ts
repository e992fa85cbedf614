/** What entry's HTTP costs whoever asks it and whoever runs it: certificates, proxies, rates, and clients that do not end. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { PeerCertificate, TLSSocket } from "node:tls";
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { millis } from "@ropewalk/kernel/units";
import { adminKey, assertProblem, httpPlace } from "../http/http-place.ts";
import { serverInPlace } from "./server-place.ts";

let server: Awaited<ReturnType<typeof serverInPlace>>;
before(async () => {
  server = await serverInPlace();
});
after(async () => {
  await server?.[Symbol.asyncDispose]();
});

const loopback = { address: "127.0.0.0" as IpAddress, length: 8 };

function certificateOf(name: string) {
  const folder = mkdtempSync(join(tmpdir(), "entry-certificate-"));
  try {
    const [key, certificate] = [join(folder, "key"), join(folder, "crt")];
    const of = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", `/CN=${name}`];
    execFileSync("openssl", ["req", "-x509", ...of, "-keyout", key, "-out", certificate], { stdio: "pipe" });
    return { key: new Uint8Array(readFileSync(key)), certificate: new Uint8Array(readFileSync(certificate)) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The name in the certificate that is shown, and whether browsers are told to stay with TLS. */
async function shownBy(url: string): Promise<{ readonly name: string; readonly staysWithTls: boolean }> {
  const asked = request(`${url.replace("http:", "https:")}/healthz`, { rejectUnauthorized: false, agent: false }).end();
  const [response] = await once(asked, "response", { signal: AbortSignal.timeout(40_000) });
  response.resume();
  const { subject } = (response.socket as TLSSocket).getPeerCertificate() as PeerCertificate;
  return { name: String(subject.CN), staysWithTls: response.headers["strict-transport-security"] !== undefined };
}

test("a certificate is shown, and another one from when it is replaced; one without its key is refused", async () => {
  await using place = await httpPlace(server.server, { certificate: certificateOf("first") });
  assert.deepEqual(await shownBy(place.url), { name: "first", staysWithTls: true });
  place.http.replaceCertificate(certificateOf("second"));
  assert.equal((await shownBy(place.url)).name, "second");
  const mixed = { ...certificateOf("third"), key: certificateOf("fourth").key };
  assert.throws(() => place.http.replaceCertificate(mixed));
  assert.equal((await shownBy(place.url)).name, "second");
});

test("whom a proxy asks for is believed of listed ones alone", async () => {
  const headers = { "x-forwarded-for": "203.0.113.7" };
  await using open = await httpPlace(server.server);
  assert.equal((await open.ask("GET", "/metrics", { headers })).status, 200);
  await using behind = await httpPlace(server.server, { trustedProxies: [loopback] });
  assertProblem(await behind.ask("GET", "/metrics", { headers }), "unauthenticated");
  assert.equal((await behind.ask("GET", "/metrics", { headers, as: adminKey })).status, 200);
});

test("what is for proxies alone answers nobody else", async () => {
  await using ofProxies = await httpPlace(server.server, { trustedProxies: [loopback], proxiesOnly: true });
  assert.equal((await ofProxies.ask("GET", "/healthz")).status, 200);
  const other = { address: "10.0.0.0" as IpAddress, length: 8 };
  await using ofOthers = await httpPlace(server.server, { trustedProxies: [other], proxiesOnly: true });
  assertProblem(await ofOthers.ask("GET", "/healthz"), "forbidden");
});

test("who asks too fast is told to wait: a network, and a customer without the others", async () => {
  await using slow = await httpPlace(server.server, { limits: { networkRate: 0.001, networkBurst: 3 } });
  for (let asked = 0; asked < 3; asked += 1) assert.equal((await slow.ask("GET", "/healthz")).status, 200);
  const refused = await slow.ask("GET", "/healthz");
  assertProblem(refused, "too-many-requests");
  assert.ok(Number(refused.headers.get("retry-after")) >= 1);
  await using shared = await httpPlace(server.server, { limits: { customerRate: 0.001, customerBurst: 1 } });
  const [one, other] = [await shared.customer(), await shared.customer()];
  assert.equal((await shared.ask("GET", "/v1/devices", { as: one.token })).status, 200);
  assertProblem(await shared.ask("GET", "/v1/devices", { as: one.token }), "too-many-requests");
  assert.equal((await shared.ask("GET", "/v1/devices", { as: other.token })).status, 200);
});

async function answerTo(url: string, text: string): Promise<string> {
  const socket: Socket = connect(Number(new URL(url).port), "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (piece: string) => {
    answer += piece;
  });
  socket.on("error", () => {});
  socket.write(text);
  await once(socket, "close", { signal: AbortSignal.timeout(40_000) });
  return answer;
}

test("who does not end his headers or his body is let go, and what is no HTTP is told so", async () => {
  const limits = { headersWithin: millis(300), requestWithin: millis(600) };
  await using place = await httpPlace(server.server, { limits });
  const head = "POST /v1/devices HTTP/1.1\r\nHost: localhost\r\n";
  assert.match(await answerTo(place.url, head), /^HTTP\/1\.1 4\d\d [\s\S]*application\/problem\+json/);
  assert.match(
    await answerTo(place.url, `${head}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{`),
    /^HTTP\/1\.1 4\d\d /,
  );
  assert.match(await answerTo(place.url, "HELLO\r\n\r\n"), /"code":"bad-request"/);
  const large = `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Large: ${"x".repeat(20_000)}\r\n\r\n`;
  assert.match(await answerTo(place.url, large), /^HTTP\/1\.1 431 [\s\S]*"code":"headers-too-large"/);
  assert.equal(place.http.underWay, 0);
});

test("a stop lets what is asked be answered", async () => {
  await using place = await httpPlace(server.server);
  await place.ask("POST", "/v1/admin/nodes", { as: adminKey, json: { name: "vie-1", roles: ["vpn"], region: "eu" } });
  const { token } = await place.customer();
  const { promise, resolve } = Promise.withResolvers<void>();
  place.control.gate = promise;
  const json = { deviceId: "0190b0c0-0000-7000-8000-000000000000" };
  const asked = place.ask("POST", "/v1/sessions/start", { as: token, json });
  while (place.control.starts.length === 0) await new Promise((soon) => setImmediate(soon));
  const closed = place.http.close(millis(20_000));
  resolve();
  assert.equal((await asked).status, 201);
  await closed;
});

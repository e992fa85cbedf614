/** Two ends that know each other only by the files that `ropewalk cert` wrote shake hands over TLS 1.3, post-quantum both ways. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { connect, createServer, type SecureContextOptions, TLSSocket } from "node:tls";
import { typed } from "./typed.ts";

const folder = mkdtempSync(join(tmpdir(), "ropewalk-tls-"));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

function options(name: string): SecureContextOptions {
  return {
    cert: readFileSync(at(`${name}.crt`)),
    key: readFileSync(at(`${name}.key`)),
    ca: readFileSync(at("ca.crt")),
    crl: readFileSync(at("ca.crl")),
    minVersion: "TLSv1.3",
    ecdhCurve: "X25519MLKEM768",
    sigalgs: "mldsa65",
  };
}

/** What both ends know of each other, or the client's failure. */
async function shakeHands(client: string) {
  const server = createServer({ ...options("server"), requestCert: true, rejectUnauthorized: true });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  try {
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const socket = connect({ ...options(client), port, host: "127.0.0.1", servername: "clinic.example" });
    try {
      // In TLS 1.3 the client learns only afterwards that it was not accepted.
      const refused = once(socket, "close").then(() => Promise.reject(new Error("the server hung up")));
      refused.catch(() => {});
      const [peer] = await Promise.race([once(server, "secureConnection"), refused]);
      assert.ok(peer instanceof TLSSocket);
      return {
        authorized: [peer.authorized, socket.authorized],
        protocol: socket.getProtocol(),
        client: peer.getPeerCertificate().subject.CN,
        server: socket.getPeerCertificate().subject.CN,
      };
    } finally {
      socket.destroy();
    }
  } finally {
    server.close();
  }
}

test("a server and a client accept each other, and a revoked client is not accepted", async () => {
  const cert = async (...words: string[]) => {
    const said = await typed(["cert", ...words]);
    assert.equal(said.status, 0, said.stderr);
  };
  const out = (name: string) => ["--out-cert", at(`${name}.crt`), "--out-key", at(`${name}.key`)];
  const ca = ["--ca-cert", at("ca.crt"), "--ca-key", at("ca.key")];
  await cert("ca", "--name", "clinic CA", ...out("ca"));
  await cert("server", "--name", "clinic", "--dns", "clinic.example", ...ca, ...out("server"));
  for (const name of ["client", "former"])
    await cert("client", "--name", name, "--uri", `urn:site:${name}`, ...ca, ...out(name));
  await cert("crl", ...ca, "--crl", at("ca.crl"), "--revoke", at("former.crt"));
  assert.deepEqual(await shakeHands("client"), {
    authorized: [true, true],
    protocol: "TLSv1.3",
    client: "client",
    server: "clinic",
  });
  await assert.rejects(shakeHands("former"));
});

/** Two processes perform the handshake from files that a third one made, and each says what it came to. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type RunningProcess, StartedPrograms } from "../started-programs.ts";

const own = { site: ["--cert", "site.crt", "--key", "site.key"], hub: ["--cert", "hub.crt", "--key", "hub.key"] };
const ca = ["--ca-cert", "ca.crt", "--ca-key", "ca.key"];
const usual = ["--ca", "ca.crt", "--mode", "mlkem768"];
let place: StartedPrograms;
let answering: RunningProcess;
let address: string;

async function make(...words: readonly string[]): Promise<void> {
  const { code, stderr } = await place.run("cert", ...words);
  assert.equal(code, 0, stderr);
}

before(async () => {
  place = new StartedPrograms();
  await make("ca", "--name", "CA", "--out-cert", "ca.crt", "--out-key", "ca.key");
  const site = ["--name", "site", "--dns", "site.example", "--out-cert", "site.crt", "--out-key", "site.key"];
  const hub = ["--name", "hub", "--dns", "hub.example", "--out-cert", "hub.crt", "--out-key", "hub.key"];
  await Promise.all([
    make("client", ...ca, ...site),
    make("server", ...ca, ...hub),
    make("crl", ...ca, "--crl", "ca.crl"),
  ]);
  answering = place.start("tunnel", "answer", "127.0.0.1:0", "--json", ...own.hub, ...usual, "--crl", "ca.crl");
  await answering.until("it listens", () => answering.documents.length > 0);
  const { listening } = answering.documents[0] as { listening: { port: number } };
  address = `127.0.0.1:${listening.port}`;
});
after(() => place[Symbol.asyncDispose]());

/** What the answering end has said of the next connection. */
async function answered(act: () => Promise<unknown>): Promise<Record<string, unknown>> {
  const before = answering.documents.length;
  await act();
  await answering.until("it says who came", () => answering.documents.length > before);
  return answering.documents[before] ?? {};
}

test("both ends say the same of one session, and the probe ends well", async () => {
  let probed = { code: null as number | null, stdout: "", stderr: "" };
  const there = await answered(async () => {
    probed = await place.run(
      "tunnel",
      "probe",
      address,
      "--json",
      "--server-name",
      "hub.example",
      ...own.site,
      ...usual,
    );
  });
  assert.deepEqual([probed.code, probed.stderr], [0, ""]);
  const here = JSON.parse(probed.stdout);
  assert.deepEqual([here.outcome, there["outcome"]], ["established", "established"]);
  assert.deepEqual([here.sessionId, here.transcript], [there["sessionId"], there["transcript"]]);
  assert.deepEqual([here.peer.names, (there["peer"] as typeof here.peer).names], [["hub.example"], ["site.example"]]);
  assert.equal(here.tls.group, "X25519MLKEM768");
});

test("a destination that is not the one that was asked for is refused with what to do, and learns it", async () => {
  let stderr = "";
  let code: number | null = 0;
  const there = await answered(async () => {
    ({ stderr, code } = await place.run("tunnel", "probe", address, ...own.site, ...usual));
  });
  assert.equal(code, 10);
  assert.match(
    stderr,
    /^ropewalk: this end refused the other, name-not-allowed .*see tunnel\.allow and --server-name\.\n$/,
  );
  assert.deepEqual([there["by"], there["reason"]], ["peer", "name-not-allowed"]);
});

test("a session that is held ends when its certificate is revoked in the list that the destination reads", async () => {
  const holding = place.start(
    "tunnel",
    "probe",
    address,
    "--hold",
    "--server-name",
    "hub.example",
    ...own.site,
    ...usual,
  );
  await holding.until("it holds", () => holding.stdout.includes("is proved"));
  await make("crl", ...ca, "--revoke", "site.crt", "--crl", "ca.crl");
  await answering.until("it ends the session", () => answering.stderr.includes("this end refused the other, revoked"));
  assert.equal((await holding.ended).code, 0);
  const again = await place.run("tunnel", "probe", address, "--server-name", "hub.example", ...own.site, ...usual);
  assert.equal(again.code, 10);
  assert.match(again.stderr, /the other end refused this one, revoked/);
});

test("without its files a command says which it needs; a port that is taken and a place that is none are said", async () => {
  const { port } = (answering.documents[0] as { listening: { port: number } }).listening;
  const answer = (...words: readonly string[]) => place.run("tunnel", "answer", ...words);
  const [bare, taken, nowhere] = await Promise.all([
    answer("127.0.0.1:0"),
    answer(`127.0.0.1:${port}`, ...own.hub, ...usual),
    answer("127.0.0.1", ...own.hub, ...usual),
  ]);
  assert.deepEqual([bare.code, taken.code, nowhere.code], [2, 1, 2]);
  assert.match(bare.stderr, /give --cert/i);
  assert.match(taken.stderr, /EADDRINUSE/);
  assert.match(nowhere.stderr, /"127\.0\.0\.1" is no place/);
});

test("the answering end stops cleanly when it is told to", async () => {
  answering.child.kill("SIGTERM");
  assert.equal((await answering.ended).code, 0);
});

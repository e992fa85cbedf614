/** Sessions end when what they rest on ends, is taken back, or cannot be known any more. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readCertificates } from "@ropewalk/crypto/certificates/read-certificate";
import { readCrls } from "@ropewalk/crypto/certificates/read-crl";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { seconds } from "@ropewalk/kernel/units";
import { judgePeer, type Peer, type Trust } from "@ropewalk/tunnel/io/peer-verdict";
import { LiveSessions } from "@ropewalk/tunnel/live-sessions";
import { type Issued, issue, revocationList } from "./throw-away-authority.ts";

const start = Date.UTC(2026, 10, 22);
const from = new Date(start - 3_600_000);
const in10s = new Date(start + 10_000);
const in10h = new Date(start + 36_000_000);
const ca = issue({ name: "CA", isCa: true, from, to: in10h });
const factsOf = ({ der }: Issued) => readCertificates(new Uint8Array(der));
const authorities = factsOf(ca);

function site(to: Date): Issued {
  return issue({ ca, name: "site", names: ["site.example"], usage: "client", from, to });
}

function peerOf(issued: Issued): Peer {
  const [leaf] = factsOf(issued);
  assert(leaf !== undefined);
  return { role: "source", leaf, intermediates: [] };
}

function trusting(revoked?: readonly Issued[], to: Date = in10h): Trust {
  const crls =
    revoked === undefined ? [] : readCrls(new TextEncoder().encode(revocationList(ca, revoked, { from, to })));
  return { authorities, crls, demandsCrl: revoked !== undefined };
}

/** Live sessions with `peers`, and why each has ended. */
function living(trust: Trust, peers: readonly Peer[], allow?: readonly string[]) {
  const clock = new FakeClock(start);
  const live = new LiveSessions({ trust, allow }, clock);
  const ended: string[] = [];
  for (const peer of peers) {
    const verdict = judgePeer(peer, trust, allow, start);
    assert(verdict.kind === "good", JSON.stringify(verdict));
    live.add({ peer, until: verdict.until, end: ({ reason }) => ended.push(reason) });
  }
  return { clock, live, ended };
}

test("a certificate that expires ends its session within a second, and not before", () => {
  const { clock, live, ended } = living(trusting(), [peerOf(site(in10s)), peerOf(site(in10h))]);
  clock.advance(seconds(9.9));
  assert.deepEqual(ended, []);
  clock.advance(seconds(1));
  assert.deepEqual([ended, live.size], [["expired"], 1]);
});

test("a new list that names a live peer's certificate ends that session at once, and no other", () => {
  const [bad, good] = [site(in10h), site(in10h)];
  const { live, ended } = living(trusting([]), [peerOf(bad), peerOf(good)]);
  live.use({ trust: trusting([bad]), allow: undefined });
  assert.deepEqual([ended, live.size], [["revoked"], 1]);
});

test("when the list of revoked certificates expires, every session ends: nobody knows any more", () => {
  const { clock, ended } = living(trusting([], in10s), [peerOf(site(in10h)), peerOf(site(in10h))]);
  clock.advance(seconds(11));
  assert.deepEqual(ended, ["revocation-list-expired", "revocation-list-expired"]);
});

test("a newer list in time keeps the sessions", () => {
  const { clock, live, ended } = living(trusting([], in10s), [peerOf(site(in10h))]);
  clock.advance(seconds(5));
  live.use({ trust: trusting([]), allow: undefined });
  clock.advance(seconds(60));
  assert.deepEqual([ended, live.size], [[], 1]);
});

test("a CA that is trusted no more and a name that is allowed no more end what they let in", () => {
  const others = issue({ name: "others", isCa: true, from, to: in10h });
  const { live, ended } = living(trusting(), [peerOf(site(in10h))]);
  live.use({ trust: { ...trusting(), authorities: factsOf(others) }, allow: undefined });
  const named = living(trusting(), [peerOf(site(in10h))], ["site.example"]);
  named.live.use({ trust: trusting(), allow: ["another.example"] });
  assert.deepEqual([ended, named.ended], [["unknown-authority"], ["name-not-allowed"]]);
});

test("a clock that jumps years ahead or back ends sessions within a second, and says what it shows", () => {
  for (const [years, reason] of [
    [5, "expired"],
    [-5, "not-yet-valid"],
  ] as const) {
    const { clock, ended } = living(trusting(), [peerOf(site(in10h))]);
    clock.advance(seconds(1));
    clock.jumpWall(years * 365 * 86_400_000);
    clock.advance(seconds(1));
    assert.deepEqual(ended, [reason]);
  }
  const late = judgePeer(peerOf(site(in10h)), trusting(), undefined, start - 5 * 365 * 86_400_000);
  assert(late.kind === "refused");
  assert.match(late.refusal.text ?? "", /the clock here says 2021-.*the clock is probably wrong; set it/);
});

test("where no session lives nothing is looked at", () => {
  const { clock, live } = living(trusting(), []);
  const entry = live.add({ peer: peerOf(site(in10h)), until: in10h.getTime(), end: () => assert.fail() });
  assert.deepEqual(clock.pendingTimers(), ["certificates of live sessions"]);
  entry[Symbol.dispose]();
  clock.advance(seconds(1));
  assert.deepEqual(clock.pendingTimers(), []);
});

test("what was taken back between its handshake and its session's beginning ends at the next look, too", () => {
  const bad = peerOf(site(in10h));
  const { clock, live } = living(trusting([]), []);
  live.use({ trust: { ...trusting(), authorities: [] }, allow: undefined });
  const ended: string[] = [];
  live.add({ peer: bad, until: in10h.getTime(), end: ({ reason }) => ended.push(reason) });
  assert.deepEqual(ended, [], "whoever adds it is not done yet");
  clock.advance(seconds(1));
  assert.deepEqual([ended, live.size], [["unknown-authority"], 0]);
});

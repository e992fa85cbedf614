/** What doctor says of the machine's list of resolvers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResolvConfOwner } from "@ropewalk/backhaul/pure/resolv-conf-owner";
import { type ResolverListFacts, resolverListFindings } from "../src/doctor/resolvers.ts";

function found(owner: ResolvConfOwner, changes: Partial<ResolverListFacts> = {}) {
  const [finding, ...others] = resolverListFindings({
    list: { kind: "readable", owner },
    isResolvedOnBus: true,
    isFollowed: true,
    ...changes,
  });
  assert.deepEqual(others, []);
  return finding;
}

const kept = (program: string): ResolvConfOwner => ({ kind: "program", program, evidence: "it says so" });

test("a plain file is good, and so is a systemd-resolved that runs", () => {
  assert.equal(found({ kind: "nobody" })?.state, "good");
  assert.equal(found({ kind: "resolved", evidence: "it leads there" })?.state, "good");
});

test("a systemd-resolved that cannot be told is a lack, with the reason", () => {
  const resolved = { kind: "resolved", evidence: "it leads there" } as const;
  const stopped = found(resolved, { isResolvedOnBus: false });
  assert.deepEqual([stopped?.state, stopped?.cure], ["lack", "systemctl enable --now systemd-resolved"]);
  assert.match(stopped?.text ?? "", /it leads there, and it does not run/);
  assert.match(found(resolved, { isResolvedOnBus: undefined })?.text ?? "", /no system bus/);
});

test("a file that another program keeps is a lack, with what makes that program leave it alone", () => {
  const finding = found(kept("dhcpcd"));
  assert.deepEqual([finding?.state, finding?.text], ["lack", "it is kept by dhcpcd: it says so"]);
  assert.match(finding?.cost ?? "", /still asked/);
  assert.match(finding?.cure ?? "", /nohook resolv\.conf/);
  assert.match(found(kept("somebody"))?.cure ?? "", /have somebody ask/);
});

test("a list that cannot be read is a lack, and one that is not to be followed is only a note", () => {
  assert.equal(found({ kind: "nobody" }, { list: { kind: "unreadable", reason: "EACCES" } })?.state, "lack");
  assert.equal(found(kept("dhcpcd"), { isFollowed: false })?.state, "note");
});

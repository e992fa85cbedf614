/** Follows plans in edge: a line of JSON is a plan, or null to give back; each is answered by a line with its outcome. */
import { createInterface } from "node:readline";
import { createResolverFollower, resolverFollowerMigrations } from "@ropewalk/backhaul/io/resolver-follower";
import type { ResolverPlan } from "@ropewalk/backhaul/pure/resolver-plan";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { openStore } from "@ropewalk/ops/store";

const [storePath = ":memory:"] = process.argv.slice(2);
const clock = createSystemClock();
const { store } = openStore(storePath, { migrations: resolverFollowerMigrations, clock });
const config = { file: "/etc/resolv.conf", busAddress: "unix:path=/nonexistent" };
const follower = createResolverFollower(config, { clock, chance: () => 0, store, onOutcome: () => {} });
for await (const line of createInterface({ input: process.stdin })) {
  const plan = JSON.parse(line) as ResolverPlan | null;
  const outcome = plan === null ? await follower.restore() : follower.follow(plan);
  process.stdout.write(`${JSON.stringify({ outcome })}\n`);
}

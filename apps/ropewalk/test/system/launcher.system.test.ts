/** The launcher as the program's parent, as an older Node has it: the program ends when it does, however that comes to be. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type RunningProcess, StartedPrograms } from "../started-programs.ts";

let place: StartedPrograms;

before(async () => {
  place = new StartedPrograms();
  const ca = ["--ca-cert", "ca.crt", "--ca-key", "ca.key"];
  const hub = ["--name", "hub", "--dns", "hub.example", "--out-cert", "hub.crt", "--out-key", "hub.key"];
  const made = [
    await place.run("cert", "ca", "--name", "CA", "--out-cert", "ca.crt", "--out-key", "ca.key"),
    await place.run("cert", "server", ...ca, ...hub),
  ];
  for (const { code, stderr } of made) assert.equal(code, 0, stderr);
  const own = 'certificate = "hub.crt"\nkey = "hub.key"\nauthorities = ["ca.crt"]\nhttp = { listen = "off" }';
  const text = `[tunnel]\nmode = "mlkem768"\n${own}\n[tunnel.destination]\nlisten = ["127.0.0.1:0"]\n`;
  writeFileSync(join(place.folder, "hub.toml"), text);
});
after(() => place[Symbol.asyncDispose]());

/** At work, as the launcher's only child. */
async function launched(): Promise<{ readonly launcher: RunningProcess; readonly program: number }> {
  const launcher = place.startLaunched("tunnel", "destination", "--config", "hub.toml");
  await launcher.until("it runs", () => launcher.stderr.includes("the tunnel runs"));
  const { pid } = launcher.child;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  assert.match(children, /^\d+ $/);
  return { launcher, program: Number(children) };
}

test("a launcher that is killed takes the program with it, which stops as it does when asked to", async () => {
  const { launcher, program } = await launched();
  launcher.child.kill("SIGKILL");
  const limit = setTimeout(() => process.kill(program, "SIGKILL"), 10_000);
  // Their output is closed when both have ended.
  const { code, stderr } = await launcher.ended;
  clearTimeout(limit);
  assert.equal(code, null);
  assert.match(stderr, /stopping.*SIGTERM|SIGTERM.*stopping/);
});

test("a launcher that is asked to stop asks the program, and ends as it does", async () => {
  const { launcher } = await launched();
  launcher.child.kill("SIGTERM");
  const { code, stderr } = await launcher.ended;
  assert.equal(code, 0);
  assert.match(stderr, /stopping.*SIGTERM|SIGTERM.*stopping/);
});

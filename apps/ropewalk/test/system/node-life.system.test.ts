/** How a node starts, stops and survives: each fault has one defined answer. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { asNobody, NodeInLab, soon } from "./node-in-lab.ts";

let place: NodeInLab;
before(async () => {
  place = await NodeInLab.open(1);
});
after(() => place[Symbol.asyncDispose]());

test("a node sees the uplink, stops cleanly on SIGTERM and leaves no socket", async () => {
  await using node = await place.startNode();
  const { backhaul } = await place.client().status(soon());
  assert.deepEqual(
    backhaul.uplinks.map(({ name }) => name),
    ["wan0"],
  );
  assert.equal(await node.stop("SIGTERM"), 0);
  assert.equal(existsSync(place.socket), false);
  assert.match(node.stderr, /"state":"complete"/);
});

test("the socket is for its owner and one group, and the state for its owner alone", async () => {
  await using _node = await place.startNode();
  assert.equal(statSync(place.socket).mode & 0o777, 0o660);
  assert.equal(statSync(join(place.folder, "state")).mode & 0o777, 0o700);
});

test("a second node in the same network is refused with exit 6, and told by whom", async () => {
  await using node = await place.startNode();
  const elsewhere = {
    ROPEWALK_RUNTIME_DIR: join(place.folder, "run2"),
    ROPEWALK_STATE_DIR: join(place.folder, "state2"),
  };
  const second = await place.run(["node"], { env: { ...elsewhere, ROPEWALK_NODE_HTTP: "off" } });
  assert.equal(second.status, 6);
  assert.match(second.stderr, /another Ropewalk runs in this network namespace \(process \d+, user 0\)/);
  assert.equal((await place.client().status(soon())).health.ready, true, "the first one goes on");
  assert.equal(await node.stop("SIGINT"), 0);
});

test("a node in another network is refused the state directory and the socket of the first", async () => {
  await using _node = await place.startNode();
  const sameState = await place.run(["node"], {
    host: "client",
    env: { ROPEWALK_RUNTIME_DIR: join(place.folder, "run2") },
  });
  assert.equal(sameState.status, 6);
  assert.match(sameState.stderr, /another Ropewalk uses the state directory/);
  const sameSocket = await place.run(["node"], {
    host: "client",
    env: { ROPEWALK_STATE_DIR: join(place.folder, "state2") },
  });
  assert.equal(sameSocket.status, 6);
  assert.match(sameSocket.stderr, /another Ropewalk \(process \d+, user 0\) answers at/);
  assert.equal((await place.client().status(soon())).health.ready, true);
});

test("a killed node leaves a socket that the next one replaces, and remembers its uplinks", async () => {
  await using first = await place.startNode();
  const before = await place.client().status(soon());
  await first.stop("SIGKILL");
  assert.equal(existsSync(place.socket), true, "the file of the dead node");
  await using _second = await place.startNode();
  const again = await place.client().status(soon());
  assert.notEqual(again.pid, before.pid);
  assert.deepEqual(again.backhaul.uplinks[0]?.id, before.backhaul.uplinks[0]?.id);
});

test("a file that is no socket is never removed", async () => {
  const run = join(place.folder, "run3");
  mkdirSync(run);
  writeFileSync(join(run, "ropewalk.sock"), "precious");
  const refused = await place.run(["node"], { env: { ROPEWALK_RUNTIME_DIR: run } });
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /is in the way and is no socket/);
  assert.equal(readFileSync(join(run, "ropewalk.sock"), "utf8"), "precious");
});

test("SIGHUP with a broken file changes nothing and is told; a mended one is taken", async () => {
  const file = join(place.folder, "reload.toml");
  writeFileSync(file, '[log]\nlevel = "info"\n');
  await using node = await place.startNode({ env: { ROPEWALK_CONFIG: file } });
  writeFileSync(file, "[log\nlevel = 3\n");
  await node.process.kill("SIGHUP");
  await node.until("the fault is told", async () => (await place.client().status(soon())).health.state === "degraded");
  const { health, backhaul } = await place.client().status(soon());
  assert.match(JSON.stringify(health), /configuration file not accepted: .*reload\.toml/);
  assert.equal(backhaul.uplinks.length, 1);
  writeFileSync(file, '[log]\nlevel = "debug"\n[[backhaul.uplink]]\ninterface = "wan0"\nname = "harbour"\n');
  await node.process.kill("SIGHUP");
  await node.until("the name is taken", async () => {
    return (await place.client().status(soon())).backhaul.uplinks[0]?.label === "harbour";
  });
  assert.equal((await place.client().status(soon())).health.state, "healthy");
});

test("config reload answers with the faults, exit 3, and with what is now in force, exit 0", async () => {
  const file = join(place.folder, "reload2.toml");
  writeFileSync(file, "");
  await using _node = await place.startNode({ env: { ROPEWALK_CONFIG: file } });
  writeFileSync(file, '[node]\nhttp = "0.0.0.0:80"\n[backhaul]\nmonitor_only = 1\n');
  const refused = await place.run(["config", "reload"]);
  assert.equal(refused.status, 3);
  assert.match(refused.stderr, /node\.http = "0\.0\.0\.0:80"/);
  assert.match(refused.stderr, /backhaul\.monitor_only/);
  writeFileSync(file, '[node]\nhttp = "off"\n[log]\nlevel = "warn"\n');
  const taken = await place.run(["config", "reload", "--json"]);
  assert.equal(taken.status, 0);
  assert.deepEqual(JSON.parse(taken.stdout), { applied: ["log.level"], needsRestart: ["node.http"] });
});

test("a configuration with faults is not started: exit 3, with all of them", async () => {
  const file = join(place.folder, "faulty.toml");
  writeFileSync(
    file,
    '[backhaul]\nmonitor_only = 1\nmontior = 1\n[backhaul.probe]\nprofile = "slow"\n[nod]\nhttp = "off"\n',
  );
  const refused = await place.run(["node", "--config", file]);
  assert.equal(refused.status, 3);
  for (const part of [/4 faults/, /monitor_only/, /montior/, /probe\.profile/, /nod/])
    assert.match(refused.stderr, part);
  const absent = await place.run(["node", "--config", join(place.folder, "absent.toml")]);
  assert.equal(absent.status, 3);
  assert.match(absent.stderr, /absent\.toml: there is no such file/);
});

test("a taken port is told with the key that moves it, and nothing is left behind", async () => {
  const listener = `require("net").createServer().listen(7410, "127.0.0.1", () => console.log("ready"))`;
  await using other = place.edge.spawn(process.execPath, ["-e", listener]);
  await new Promise((resolve) => other.stdout.once("data", resolve));
  const run = join(place.folder, "run4");
  const refused = await place.run(["node"], { env: { ROPEWALK_RUNTIME_DIR: run } });
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /node\.http = "127\.0\.0\.1:7410" cannot be had .*EADDRINUSE/);
  assert.equal(existsSync(join(run, "ropewalk.sock")), false);
});

test("a full disk costs the memory, not the node", async () => {
  const state = join(place.folder, "full");
  mkdirSync(state);
  const script = `mount -t tmpfs -o size=64k,mode=700 none "$1" && head -c 65536 /dev/zero > "$1/fill" 2>/dev/null; shift; exec "$@"`;
  const prefix = ["unshare", "--mount", "sh", "-c", script, "sh", state];
  await using node = await place.startNode({ prefix, env: { ROPEWALK_STATE_DIR: state } });
  const { health, backhaul } = await place.client().status(soon());
  assert.equal(health.state, "degraded");
  assert.match(JSON.stringify(health), /remembered/);
  assert.equal(backhaul.uplinks.length, 1);
  assert.equal(await node.stop("SIGTERM"), 0);
});

test("a state directory that cannot be written costs the memory, not the node", async () => {
  const state = join(place.folder, "readonly");
  mkdirSync(state);
  const script = `mount -t tmpfs -o ro none "$1"; shift; exec "$@"`;
  const prefix = ["unshare", "--mount", "sh", "-c", script, "sh", state];
  await using _node = await place.startNode({ prefix, env: { ROPEWALK_STATE_DIR: join(state, "below") } });
  const { health } = await place.client().status(soon());
  assert.equal(health.state, "degraded");
  assert.match(JSON.stringify(health), /nothing is remembered across a restart/);
});

test("a user without any privilege sees the same uplinks", async () => {
  const open = join(place.folder, "open");
  mkdirSync(open);
  chmodSync(open, 0o777);
  chmodSync(place.folder, 0o755);
  const env = { HOME: open, ROPEWALK_RUNTIME_DIR: join(open, "run"), ROPEWALK_STATE_DIR: join(open, "state") };
  await using node = place.start(["node"], { prefix: asNobody, env });
  const client = place.client(join(open, "run/ropewalk.sock"));
  await node.until("the node answers", async () => (await client.status(soon())).health.state === "healthy");
  const { backhaul } = await client.status(soon());
  assert.equal(backhaul.uplinks[0]?.name, "wan0");
  assert.notEqual(backhaul.uplinks[0]?.counters, null);
  const asked = await place.run(["status"], { prefix: asNobody, env });
  assert.equal(asked.status, 0);
  assert.equal(await node.stop("SIGTERM"), 0);
});

test("a link that somebody else put at the place of our folder in the temporary one is refused", async () => {
  const temporary = join(place.folder, "tmp");
  mkdirSync(temporary);
  chmodSync(temporary, 0o1777);
  mkdirSync(join(place.folder, "theirs"));
  symlinkSync(join(place.folder, "theirs"), join(temporary, "ropewalk-65534"));
  const env = { TMPDIR: temporary, ROPEWALK_RUNTIME_DIR: "", ROPEWALK_STATE_DIR: join(temporary, "state") };
  const refused = await place.run(["node"], { prefix: asNobody, env });
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /is a symbolic link, which somebody else may have put there/);
});

test("a stranger is not answered on the socket, and told why", async () => {
  await using _node = await place.startNode();
  chmodSync(place.folder, 0o755);
  const asked = await place.run(["status"], { prefix: asNobody });
  assert.equal(asked.status, 5);
  assert.match(asked.stderr, /belongs to another user/);
});

test("members of the configured group are answered, and may reload the configuration", async () => {
  chmodSync(place.folder, 0o755);
  const file = join(place.folder, "group.toml");
  writeFileSync(file, '[node]\nsocket_group = "nogroup"\n');
  await using _node = await place.startNode({ env: { ROPEWALK_CONFIG: file } });
  assert.equal((await place.run(["status"], { prefix: asNobody })).status, 0);
  assert.equal((await place.run(["config", "reload"], { prefix: asNobody })).status, 0);
});

test("a group that does not exist is a fault of the configuration, with what to do", async () => {
  const refused = await place.run(["node"], { env: { ROPEWALK_NODE_SOCKET_GROUP: "no-such-group" } });
  assert.equal(refused.status, 3);
  assert.match(refused.stderr, /node\.socket_group = "no-such-group": \/etc\/group has no such group\. Make it/);
});

test("a folder too deep for a socket's path is told as that", async () => {
  const deep = join(place.folder, "d".repeat(100));
  const refused = await place.run(["node"], { env: { ROPEWALK_RUNTIME_DIR: deep } });
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /longer than the 107 octets of a socket's path/);
});

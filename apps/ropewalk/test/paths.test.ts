import assert from "node:assert/strict";
import { test } from "node:test";
import {
  cacheDirectory,
  configPath,
  runtimeDirectory,
  socketCandidates,
  stateDirectory,
  tunnelSocketCandidates,
} from "../src/paths.ts";

const person = { uid: 1000, home: "/home/ada", temporaryDirectory: "/tmp" };
const root = { uid: 0, home: "/root", temporaryDirectory: "/tmp" };

test("root's folders are the system's", () => {
  const input = { environment: { XDG_RUNTIME_DIR: "/run/user/0" }, user: root };
  assert.equal(runtimeDirectory(input).path, "/run/ropewalk");
  assert.equal(stateDirectory(input).path, "/var/lib/ropewalk");
  assert.deepEqual(configPath(input, undefined), { path: "/etc/ropewalk/ropewalk.toml", isNamed: false });
});

test("root's caches are in no folder that the environment names, for it may be another user's; systemd's is root's own", () => {
  const environment = { HOME: "/home/ada", XDG_CACHE_HOME: "/home/ada/.cache" };
  assert.equal(cacheDirectory({ environment, user: root }).path, "/var/cache/ropewalk");
  assert.equal(cacheDirectory({ environment, user: person }).path, "/home/ada/.cache/ropewalk");
  assert.equal(cacheDirectory({ environment: {}, user: person }).path, "/home/ada/.cache/ropewalk");
  assert.equal(cacheDirectory({ environment: { CACHE_DIRECTORY: "/c:/d" }, user: root }).path, "/c");
});

test("a person's folders are those of the XDG specification", () => {
  const environment = { XDG_RUNTIME_DIR: "/run/user/1000", XDG_STATE_HOME: "/s", XDG_CONFIG_HOME: "/c" };
  const input = { environment, user: person };
  assert.equal(runtimeDirectory(input).path, "/run/user/1000/ropewalk");
  assert.equal(stateDirectory(input).path, "/s/ropewalk");
  assert.equal(configPath(input, undefined).path, "/c/ropewalk/ropewalk.toml");
});

test("without XDG the socket's folder is in the temporary one, which others share, and the rest is in the home", () => {
  const input = { environment: {}, user: person };
  assert.deepEqual(runtimeDirectory(input), { path: "/tmp/ropewalk-1000", mode: 0o700, parent: "shared-parent" });
  assert.equal(stateDirectory(input).path, "/home/ada/.local/state/ropewalk");
  assert.equal(configPath(input, undefined).path, "/home/ada/.config/ropewalk/ropewalk.toml");
});

test("a relative XDG path is ignored, as its specification says", () => {
  const input = { environment: { XDG_RUNTIME_DIR: "run" }, user: person };
  assert.equal(runtimeDirectory(input).path, "/tmp/ropewalk-1000");
});

test("systemd's folders are taken, the first of several", () => {
  const environment = {
    RUNTIME_DIRECTORY: "/run/ropewalk:/run/other",
    STATE_DIRECTORY: "/var/lib/ropewalk",
    CONFIGURATION_DIRECTORY: "/etc/ropewalk",
  };
  const input = { environment, user: { ...person, uid: 61_184, home: "/" } };
  assert.equal(runtimeDirectory(input).path, "/run/ropewalk");
  assert.equal(stateDirectory(input).path, "/var/lib/ropewalk");
  assert.deepEqual(configPath(input, undefined), { path: "/etc/ropewalk/ropewalk.toml", isNamed: false });
});

test("Ropewalk's own variables win over all others, and must be absolute", () => {
  const environment = { ROPEWALK_RUNTIME_DIR: "/r", ROPEWALK_STATE_DIR: "/s", RUNTIME_DIRECTORY: "/run/ropewalk" };
  assert.equal(runtimeDirectory({ environment, user: root }).path, "/r");
  assert.equal(stateDirectory({ environment, user: root }).path, "/s");
  const relative = { environment: { ROPEWALK_STATE_DIR: "state" }, user: person };
  assert.throws(() => stateDirectory(relative), { code: "APP_USAGE", message: /ROPEWALK_STATE_DIR is "state"/ });
});

test("a configuration file that somebody named must exist, one in the default place need not", () => {
  const environment = { ROPEWALK_CONFIG: "/e.toml" };
  assert.deepEqual(configPath({ environment, user: root }, "/o.toml"), { path: "/o.toml", isNamed: true });
  assert.deepEqual(configPath({ environment, user: root }, undefined), { path: "/e.toml", isNamed: true });
});

test("a person asks their own node first and then the machine's, unless they named a folder", () => {
  const environment = { XDG_RUNTIME_DIR: "/run/user/1000" };
  assert.deepEqual(socketCandidates({ environment, user: person }), [
    "/run/user/1000/ropewalk/ropewalk.sock",
    "/run/ropewalk/ropewalk.sock",
  ]);
  assert.deepEqual(socketCandidates({ environment: {}, user: root }), ["/run/ropewalk/ropewalk.sock"]);
  const chosen = { environment: { ROPEWALK_RUNTIME_DIR: "/r" }, user: person };
  assert.deepEqual(socketCandidates(chosen), ["/r/ropewalk.sock"]);
});

test("an end of the tunnel is sought beside the node's socket and in the folder of its own unit", () => {
  const environment = { XDG_RUNTIME_DIR: "/run/user/1000" };
  assert.deepEqual(tunnelSocketCandidates({ environment, user: person }, "source"), [
    "/run/user/1000/ropewalk/tunnel-source.sock",
    "/run/ropewalk/tunnel-source.sock",
    "/run/ropewalk-tunnel-source/tunnel-source.sock",
  ]);
  const chosen = { environment: { ROPEWALK_RUNTIME_DIR: "/r" }, user: person };
  assert.deepEqual(tunnelSocketCandidates(chosen, "destination"), ["/r/tunnel-destination.sock"]);
});

/** A program for tests: runs an own server in the folder that it is given, says its process id, and stays. */
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { OwnServer } from "../../src/io/own-server/own-server.ts";
import { usualPlaces } from "../../src/io/own-server/programs.ts";

const [root = "", source = ""] = process.argv.slice(2);
const usual = await usualPlaces("/usr/bin");
const places = source === "library" ? { ...usual, machine: [] } : { ...usual, library: undefined };
const log = { info: () => {}, warn: () => {} };
const choice = { state: `${root}/state`, elsewhere: `${root}/elsewhere`, runtime: `${root}/run` };
const began = performance.now();
const server = await OwnServer.start(choice, places, { clock: createSystemClock(), chance: Math.random, log });
const told = { pid: server.pid, took: performance.now() - began, socket: server.settings.host };
process.stdout.write(`${JSON.stringify(told)}\n`);
process.once("SIGTERM", () => void server[Symbol.asyncDispose]());
setInterval(() => {}, 1 << 30).unref();
process.stdin.resume();

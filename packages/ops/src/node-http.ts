/**
 * Node's HTTP, without what its `import` brings along: that reads every export, and so loads a client's WebSocket, which nobody here has. It
 * took five times as long as HTTP itself, at each start of a daemon and of every command that asks one.
 */
type Http = typeof import("node:http");

const http: Http = process.getBuiltinModule("node:http");

export const createServer: Http["createServer"] = http.createServer;
export const request: Http["request"] = http.request;

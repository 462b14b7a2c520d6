// Sockets of the official client, driven by lines of JSON: what to do comes in, what happens goes out.
//
// node driver.mjs FOLDER, where FOLDER holds node_modules.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { io } = createRequire(`${process.argv[2]}/`)("socket.io-client");
const sockets = new Map();

const tell = (id, kind, more) => process.stdout.write(`${JSON.stringify({ id, kind, at: Date.now(), ...more })}\n`);

// The bare WebSocket below a socket.
const bare = (id) => sockets.get(id).io.engine.transport.ws._socket;

const acts = {
  connect({ id, url, options }) {
    const socket = io(url, { forceNew: true, ...options });
    sockets.set(id, socket);
    const transport = () => socket.io.engine?.transport?.name;
    socket.io.engine.on("upgrade", () => tell(id, "upgrade", { transport: transport() }));
    socket.on("connect", () => tell(id, "connect", { transport: transport(), sid: socket.id }));
    socket.on("connect_error", (error) =>
      tell(id, "connect_error", { message: error.message, active: socket.active, description: error.description }),
    );
    socket.on("disconnect", (reason) => tell(id, "disconnect", { reason, active: socket.active }));
    socket.io.on("reconnect_attempt", () => tell(id, "reconnect_attempt"));
    socket.onAny((name, ...args) => tell(id, "event", { name, args }));
  },
  reconnect: ({ id, auth }) => {
    if (auth) sockets.get(id).auth = auth;
    sockets.get(id).connect();
  },
  emit: ({ id, name, args }) => sockets.get(id).emit(name, ...args),
  ask({ id, call, name, args }) {
    sockets.get(id).emit(name, ...args, (...answer) => tell(id, "ack", { call, args: answer }));
  },
  // Joins at once as soon as it is connected.
  askOnConnect({ id, call, name, args }) {
    sockets.get(id).on("connect", () => acts.ask({ id, call, name, args }));
  },
  disconnect: ({ id }) => sockets.get(id).disconnect(),
  // The connection breaks below the client.
  break: ({ id }) => bare(id).destroy(),
  pause: ({ id }) => bare(id).pause(),
  resume: ({ id }) => bare(id).resume(),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { act, ...what } = JSON.parse(line);
  acts[act](what);
}
process.exit(0);

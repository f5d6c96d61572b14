import type { Socket } from "node:net";

/**
 * The socket, fit to be given to whoever asked for it: until they listen to it, its end must not end the process, but
 * show as `destroyed`; and what a person types is sent at once.
 */
export function handedOver(socket: Socket): Socket {
  socket.removeAllListeners("error");
  socket.on("error", () => {});
  return socket.setNoDelay(true);
}

import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../clock.ts";

/** Where the lab listens: a port of 127.0.0.1. */
export interface Port {
  readonly number: number;
  /** Cuts every call; for `ms` from now on nobody can connect, as where no program listens. */
  refuse(ms: number): Promise<void>;
  /** Cuts every call for good. Resolves when the last connection is gone: those handed over are their owners' to end. */
  close(): Promise<void>;
}

/** Rejects where the port is taken. 0 is any free one. */
export async function openPort(server: Server, wanted: number, clock: Clock): Promise<Port> {
  await listen(server, wanted);
  const { port: number } = server.address() as AddressInfo;
  const closing = new AbortController();
  const shut = () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    return closed;
  };
  return {
    number,
    refuse: async (ms) => {
      if (!server.listening) return;
      void shut();
      // At a close meanwhile it stays as it is.
      await clock.sleep(ms, closing.signal).then(
        () => listen(server, number),
        () => {},
      );
    },
    close: async () => {
      closing.abort();
      await shut();
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

import { createServer as createTcpServer, type Socket, type Server as TcpServer } from "node:net";
import ssh2, { type AuthContext, type Connection, type ServerChannel } from "ssh2";
import { fingerprint } from "../../../src/ssh/host-keys.ts";
import { freshKey } from "../../../src/ssh/key.ts";

/** A real SSH server on a free port of the loopback; what it does in a command is the test's. */
export interface Sshd {
  port: number;
  /** The host key's, as OpenSSH prints it. */
  fingerprint: string;
  /** Accept only this public key (one line); without it nobody gets in. */
  allow(publicKey: string): void;
  connections: Connection[];
  sockets: Socket[];
  windows: { cols: number; rows: number }[];
  close(): Promise<void>;
}

export interface Behaviour {
  exec?(command: string, channel: ServerChannel): void;
  shell?(channel: ServerChannel): void;
}

const { privateKey: hostPrivateKey, publicKey: hostPublicKey } = freshKey();

export async function startSshd({ exec, shell }: Behaviour = {}): Promise<Sshd> {
  const allowed: string[] = [];
  const sshd: Omit<Sshd, "port" | "close"> = {
    fingerprint: fingerprint(parsed(hostPublicKey).getPublicSSH()),
    allow: (publicKey) => void allowed.push(publicKey),
    connections: [],
    sockets: [],
    windows: [],
  };
  const server = new ssh2.Server({ hostKeys: [hostPrivateKey] }, (connection) => {
    sshd.connections.push(connection);
    connection.on("error", () => {});
    connection.on("authentication", (auth) =>
      knows(allowed, auth) ? auth.accept() : auth.reject(["publickey"]),
    );
    connection.on("session", (accept) => {
      const session = accept();
      session.on("pty", (accept, _reject, { cols, rows }) => {
        sshd.windows.push({ cols, rows });
        accept?.();
      });
      session.on("window-change", (accept, _reject, { cols, rows }) => {
        sshd.windows.push({ cols, rows });
        accept?.();
      });
      session.on("signal", (accept) => accept?.());
      session.on("exec", (accept, reject, { command }) => (exec ? exec(command, accept()) : reject()));
      session.on("shell", (accept, reject) => (shell ? shell(accept()) : reject()));
    });
  });
  const { port, close } = await listen((socket) => {
    sshd.sockets.push(socket);
    server.injectSocket(socket);
  });
  return { ...sshd, port, close };
}

function knows(allowed: readonly string[], auth: AuthContext): boolean {
  if (auth.method !== "publickey" || auth.username !== "ec2-user") return false;
  return allowed.some((line) => {
    const key = parsed(line);
    if (!key.getPublicSSH().equals(auth.key.data)) return false;
    return !auth.signature || key.verify(auth.blob!, auth.signature, auth.hashAlgo) === true;
  });
}

function parsed(text: string) {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
}

/** A TCP server on a free loopback port; `close` takes its connections down as well. */
export async function listen(
  onConnection: (socket: Socket) => void,
): Promise<{ port: number; close(): Promise<void> }> {
  const open = new Set<Socket>();
  const server: TcpServer = createTcpServer((socket) => {
    open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of open) socket.destroy();
    });
  return { port: address.port, close };
}

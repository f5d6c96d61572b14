import { type ChildProcess, spawn } from "node:child_process";
import { type Identity, identity } from "./identity.ts";
import { withOwnKeyring } from "./keyring.ts";

/**
 * The one process that holds the lab's namespaces: a shell that is root of a user namespace of its own (see Identity), and
 * process 1 of its own process namespace. When it ends, by whatever means, the kernel takes down every namespace and process of the lab; and
 * it ends when its input closes, so also when the lab is killed.
 */
export interface Holder {
  /**
   * Runs shell text there; one at a time, in order. Resolves with what it printed; rejects with a HolderError where it
   * failed, or the holder is gone.
   */
  run(script: string): Promise<string>;
  /** The command line that runs `command` there, for `spawn`; it may be called as long as the holder is there. */
  enter(command: readonly string[]): [string, ...string[]];
  /** Resolves when the holder is gone, with everything that it held. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

export class HolderError extends Error {
  override name = "HolderError";
}

/** Where `ip` and `nft` are, too: ordinary users often lack the folders of the system's own programs. */
const searchPath = `${process.env.PATH ?? ""}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`;

const marker = "@peerctl-done@";

/** What the plane's own files need: /run is memory, and the network namespaces' names are in it. */
const prepare = `
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/netns /run/peerctl
`;

/** `path` is where programs are looked for. Whatever keeps the holder from coming about, is told by its first \`run\`. */
export function openHolder({ path = searchPath } = {}): Holder {
  const own = identity();
  const apart = ["--net", "--mount", "--ipc", "--pid", "--fork", "--mount-proc", "--kill-child"];
  const [program, ...args] = withOwnKeyring(own.begin(["unshare", ...apart, "sh"]));
  // In a session of its own: Ctrl-C at the lab's terminal is for the lab, which then closes this in order.
  const child = spawn(program, args, { detached: true, stdio: "pipe", env: { PATH: path, LC_ALL: "C" } });
  let printed = "";
  let waiting: { resolve(text: string): void; reject(error: Error): void } | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let gone: HolderError | undefined;
  let begun: () => void = () => undefined;
  const beginning = new Promise<void>((resolve) => {
    begun = resolve;
  });

  const fail = (message: string) => {
    gone ??= new HolderError(message);
    begun();
    waiting?.reject(gone);
    waiting = undefined;
  };
  const take = (bytes: Buffer) => {
    printed += bytes;
    if (own.waits !== undefined && printed === `${own.waits}\n`) return begin();
    const end = new RegExp(`^${marker} (\\d+)\\n`, "m").exec(printed);
    if (!end || !waiting) return;
    const text = printed.slice(0, end.index);
    const { resolve, reject } = waiting;
    waiting = undefined;
    printed = "";
    if (end[1] === "0") resolve(text);
    else reject(new HolderError(text.trim() || `exit code ${end[1]}`));
  };
  const begin = () => {
    printed = "";
    try {
      own.map(child.pid!);
      child.stdin.write("\n");
    } catch (error) {
      fail(`the namespace cannot be given to a user: ${(error as Error).message}`);
      child.kill("SIGKILL");
    }
    begun();
  };
  if (own.waits === undefined) begun();
  child.stdout.on("data", take);
  child.stderr.on("data", (bytes: Buffer) => {
    printed += bytes;
  });
  // Its end follows, and with it what it said.
  child.stdin.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      fail(error.message);
      resolve();
    });
    child.once("close", () => {
      fail(printed.trim() || "the namespaces are gone");
      resolve();
    });
  });

  const send = (script: string) =>
    new Promise<string>((resolve, reject) => {
      if (gone) return reject(gone);
      waiting = { resolve, reject };
      child.stdin.write(`(\nset -e\n${script}\n) </dev/null 2>&1\necho "${marker} $?"\n`);
    });

  const ready = beginning.then(() => send(prepare));
  ready.catch(() => undefined);

  return {
    run: (script) => {
      const result = last.then(() => ready).then(() => send(script));
      last = result.catch(() => undefined);
      return result;
    },
    enter: (command) => enterCommand(child, own, command),
    ended,
    close: async () => {
      child.stdin.end();
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function enterCommand(
  { pid }: ChildProcess,
  own: Identity,
  command: readonly string[],
): [string, ...string[]] {
  const into = [...own.enter, "--mount", "--net", "--ipc", `--pid=/proc/${pid}/ns/pid_for_children`];
  return withOwnKeyring(["nsenter", "--target", String(pid), ...into, "--", ...command]);
}

import { UserError } from "../errors.ts";
import { dial } from "../ssh/dial.ts";
import { SshError } from "../ssh/error.ts";
import { pingCommand } from "../ssh/ping.ts";
import { pingReader } from "../ssh/ping-output.ts";
import { accessFor } from "./access.ts";
import type { Diagnosis, Question } from "./diagnosis.ts";
import { type End, readEnd } from "./ends.ts";
import { openStack } from "./open-stack.ts";
import type { Run } from "./run.ts";
import { instanceOf, sessionOn } from "./ssh-access.ts";

/** What real packets say. */
export interface Verification {
  /** What was done, e.g. "4 pings from vpc-1 to 10.2.0.4". */
  probe: string;
  arrived: boolean;
  detail: string;
  /** Whether the tables say the same. */
  agrees: boolean;
}

const pings = 4;

/**
 * Asks the packets themselves: pings from an instance of the stack that SSH reaches, or opens a TCP connection from here.
 * Throws UserError for a question that it cannot ask.
 */
export async function verify(
  run: Run,
  { from, to, verdict }: Diagnosis,
  question: Question,
): Promise<Verification> {
  const found = await send(run, from, to, question);
  return { ...found, agrees: found.arrived === verdict.reachable };
}

function send(run: Run, from: End, to: End, { protocol, port }: Question) {
  if (protocol === "icmp" && readEnd(from.text).kind === "name") return ping(run, from.text, to.address);
  if (protocol === "tcp" && from.text === "me")
    return connectTo(run, to.publicAddress ?? to.address, port ?? 0);
  throw new UserError(
    `--verify cannot send ${protocol} from ${from.text}`,
    "it can ping from a VPC of the stack, and open a TCP connection from me",
  );
}

async function ping(run: Run, vpc: string, address: string): Promise<Omit<Verification, "agrees">> {
  const ctx = await openStack(run, [], false);
  try {
    const session = await sessionOn(ctx, await instanceOf(ctx, vpc), 30_000);
    try {
      const reader = pingReader(() => {});
      const command = pingCommand({ address, count: pings, intervalSeconds: 0.2, size: 56 });
      await session.run(command, { onStdout: reader.stdout, onStderr: reader.stderr, signal: ctx.signal });
      const { received, transmitted } = reader.end().summary;
      return {
        probe: `${pings} pings from ${vpc} to ${address}`,
        arrived: received > 0,
        detail: `${transmitted} sent, ${received} received`,
      };
    } finally {
      session.close();
    }
  } finally {
    ctx.ui.idle();
    await ctx.store.close();
    ctx.aws.close();
  }
}

async function connectTo(run: Run, host: string, port: number): Promise<Omit<Verification, "agrees">> {
  const { aws, sshProxy: proxy } = await accessFor(run);
  aws.close();
  const probe = `a TCP connection from here to ${host}:${port}`;
  try {
    const socket = await dial({ host, port, proxy, signal: run.signal, timeoutMs: 5000 });
    socket.destroy();
    return { probe, arrived: true, detail: "it stands" };
  } catch (error) {
    if (!(error instanceof SshError)) throw error;
    // A refusal is an answer: the packet arrived, and nobody listens.
    return { probe, arrived: error.kind === "refused", detail: error.message };
  }
}

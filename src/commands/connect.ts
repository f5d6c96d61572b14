import { UserError } from "../errors.ts";
import { readState } from "../state/read.ts";
import type { Topology } from "../topology.ts";
import { openStack } from "./open-stack.ts";
import type { Run } from "./run.ts";
import { instanceOf, sessionOn } from "./ssh-access.ts";

/**
 * A shell on the VPC's instance, or one command. Resolves with the other side's exit code.
 * @param vpc where it is not named, the VPC that can be connected to
 */
export async function connectTo(
  run: Run,
  vpc: string | undefined,
  command: readonly string[],
): Promise<number> {
  // A name that is wrong is found before anything is asked of AWS.
  const known = await readState(run.config.state);
  if (known) nameIn(known.topology, vpc);
  const ctx = await openStack(run, [], false);
  try {
    const name = nameIn(ctx.topology, vpc);
    const instance = await instanceOf(ctx, name);
    if (!instance.PublicIpAddress) throw withoutAddress(ctx.topology, name);
    const session = await sessionOn(ctx, instance, 180_000);
    // From here on the stack is only looked at: others may change it while the shell is open.
    await ctx.store.close();
    try {
      if (command.length === 0) return await shell(run, session);
      const { stdin, stdout } = run;
      const { code } = await session.run(command.join(" "), {
        onStdout: (chunk) => stdout.write(chunk),
        onStderr: (chunk) => process.stderr.write(chunk),
        stdin: stdin.isTTY ? undefined : stdin,
        signal: run.signal,
      });
      return code ?? 255;
    } finally {
      session.close();
    }
  } finally {
    await ctx.store.close();
    ctx.aws.close();
  }
}

/** Only connecting VPCs get an Elastic IP; the others are reached from within. */
function withoutAddress({ vpcs }: Topology, name: string): UserError {
  const connects = vpcs.filter((vpc) => vpc.connects).map((vpc) => vpc.name);
  const remedy = connects.includes(name)
    ? "run: peerctl eip"
    : `only ${connects.join(", ")} can be connected to; from there it is reached by its private address`;
  return new UserError(`the instance in ${name} has no public address`, remedy);
}

function nameIn({ vpcs }: Topology, asked: string | undefined): string {
  const name = asked ?? vpcs.find(({ connects }) => connects)?.name ?? "";
  const names = vpcs.map(({ name }) => name);
  if (names.includes(name)) return name;
  throw new UserError(`there is no VPC "${name}" in the stack`, `name one of: ${names.join(", ")}`);
}

function shell({ stdin, stdout, env }: Run, session: Awaited<ReturnType<typeof sessionOn>>): Promise<number> {
  const size = () => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 });
  return session.shell({
    stdin,
    stdout,
    term: env.TERM ?? "xterm",
    ...size(),
    onResize: (listener) => {
      const tell = () => listener(size());
      stdout.on("resize", tell);
      return () => stdout.off("resize", tell);
    },
  });
}

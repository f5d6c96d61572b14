import { standingStacks } from "../aws/sweep.ts";
import { UserError } from "../errors.ts";
import type { Access } from "./access.ts";
import type { Run } from "./run.ts";
import { untilSettled } from "./shown-by-tag.ts";

/**
 * The uuid of the stack of this run's name, where no state file knows it; undefined where there is none. A run that was
 * killed a moment ago may have made what AWS does not show yet, and nothing here says so: only a look after as long as AWS
 * may lag counts. Throws UserError where several have the name.
 * @param asked the stack's uuid, where more than one has the name
 * @param settled from when on, in milliseconds since the epoch, AWS shows all that was made before this run
 */
export async function stackNamed(
  run: Run,
  { aws }: Access,
  asked: string | undefined,
  settled: number,
): Promise<string | undefined> {
  const { name } = run.config;
  if (run.clock.now() < settled) await untilSettled(run, settled);
  const uuids = await standingStacks(aws, name);
  const wanted = uuids.filter((uuid) => asked === undefined || uuid === asked);
  if (wanted.length < 2) return wanted[0];
  throw new UserError(
    `${uuids.length} stacks are named "${name}": ${uuids.join(", ")}`,
    "choose one: --uuid UUID",
  );
}

/** `stack "name"`, with the uuid where it was asked for. */
export function namedWords(name: string, asked: string | undefined): string {
  return asked === undefined ? `stack "${name}"` : `stack "${name}" with the uuid ${asked}`;
}

import type { Tag } from "@aws-sdk/client-ec2";
import type { Aws } from "./aws.ts";
import { describeByIds } from "./by-id.ts";
import { idOf, type LiveKind } from "./live.ts";
import { stackTag, tagOf } from "./tags.ts";

/**
 * Which of these AWS shows without the stack's tag: somebody has taken them over. What it does not show is not among them.
 * To be asked when AWS shows all tags there are, since what is new may be shown before its tags.
 */
export async function takenOver(
  aws: Aws,
  uuid: string,
  things: readonly { kind: LiveKind; id: string }[],
): Promise<Set<string>> {
  const kinds = [...new Set(things.map(({ kind }) => kind))];
  const rows = await Promise.all(
    kinds.map(async (kind) => {
      const ids = things.filter((each) => each.kind === kind).map(({ id }) => id);
      const shown = await describeByIds(aws, kind, ids);
      return shown
        .filter((row) => tagOf(row as { Tags?: Tag[] }, stackTag) !== uuid)
        .map((row) => idOf(kind, row));
    }),
  );
  return new Set(rows.flat());
}

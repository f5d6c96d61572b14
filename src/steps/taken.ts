import { liveKinds } from "../aws/live.ts";
import { keyTag, stackTag } from "../aws/tags.ts";
import { takenOver } from "../aws/taken-over.ts";
import type { Context } from "../context.ts";
import { UserError } from "../errors.ts";
import type { ResourceRecord } from "../state/schema.ts";
import { typeOf } from "./board.ts";

/**
 * Whether what is on record stands, and somebody has removed the stack's tag from it. To be asked when AWS shows all that
 * was made, since what is new may be shown before its tags.
 */
export async function isTaken(ctx: Context, key: string, { id }: ResourceRecord): Promise<boolean> {
  const kind = liveKinds.find((each) => each === typeOf(key));
  return kind !== undefined && (await takenOver(ctx.aws, ctx.stack.uuid, [{ kind, id }])).has(id);
}

/** Why nothing is made in its place: there would be two, and one of them on nobody's record. */
export function takenError(
  { stack, awsFlags }: Context,
  key: string,
  { id, step }: ResourceRecord,
): UserError {
  const tags = `Key=${stackTag},Value=${stack.uuid} Key=${keyTag},Value=${key}`;
  return new UserError(
    `${id} is there, and does not carry the stack's tag any more`,
    `put it back: aws ec2 create-tags --resources ${id} --tags ${tags}${awsFlags}; or leave it to whoever took it, and make another: peerctl teardown ${step}, then peerctl up`,
  );
}

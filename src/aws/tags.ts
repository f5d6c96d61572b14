import type { ResourceType, Tag, TagSpecification } from "@aws-sdk/client-ec2";

/** The stack's uuid: what is ours. Nothing without it is ever deleted. */
export const stackTag = "peerctl:stack";
/** The resource's logical key, e.g. `vpc/vpc-1`. */
export const keyTag = "peerctl:key";
/** The stack's name, so that a stack is found without its state file. */
export const nameTag = "peerctl:name";

/** The tags that a resource is made with, in one go with its making, so that it is never without them. */
export function tagSpecifications(
  stack: { name: string; uuid: string },
  key: string,
  ...types: ResourceType[]
): TagSpecification[] {
  const tags: Tag[] = [
    { Key: "Name", Value: `${stack.name} ${key}` },
    { Key: stackTag, Value: stack.uuid },
    { Key: keyTag, Value: key },
    { Key: nameTag, Value: stack.name },
  ];
  return types.map((ResourceType) => ({ ResourceType, Tags: tags }));
}

export function tagOf(row: { Tags?: Tag[] }, key: string): string | undefined {
  return row.Tags?.find((tag) => tag.Key === key)?.Value;
}

/** The Describe filter for all that belongs to a stack. */
export function ofStack(uuid: string): { Name: string; Values: string[] }[] {
  return [{ Name: `tag:${stackTag}`, Values: [uuid] }];
}

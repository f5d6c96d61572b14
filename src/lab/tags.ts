import type { Tag, TagSpecification } from "@aws-sdk/client-ec2";
import type { Call } from "./action.ts";
import { Ec2Error } from "./error.ts";
import { type KindName, kinds } from "./kinds.ts";

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions */
const mostTags = 50;

/** The resource's tags as Describe shows them, in the order of their keys. */
export function tagList(call: Call, id: string): Tag[] {
  const tags = [...(call.tables.tags.get(id) ?? [])];
  return tags.sort(([a], [b]) => (a < b ? -1 : 1)).map(([Key, Value]) => ({ Key, Value }));
}

/** Adds or overwrites tags. Throws as CreateTags does, before anything is changed. */
export function putTags(call: Call, id: string, tags: readonly Tag[]): void {
  refuseBadTags(tags);
  const merged = new Map(call.tables.tags.get(id));
  for (const { Key, Value } of tags) merged.set(Key!, Value ?? "");
  if (merged.size > mostTags) throw tooManyTags(id);
  if (merged.size > 0) call.tables.tags.set(id, merged);
}

function refuseBadTags(tags: readonly Tag[]): void {
  const invalid = (message: string) => new Ec2Error("InvalidParameterValue", message);
  const keys = new Set<string>();
  for (const { Key, Value } of tags) {
    if (!Key) throw new Ec2Error("MissingParameter", "The request must contain the parameter key");
    if (/^aws:/i.test(Key)) throw invalid("Tag keys starting with 'aws:' are reserved for internal use");
    if (Key.length > 128) throw invalid("Tag key exceeds the maximum length of 128 characters");
    if ((Value ?? "").length > 256) throw invalid("Tag value exceeds the maximum length of 256 characters");
    if (keys.has(Key)) throw invalid(`Duplicate tag key '${Key}' specified.`);
    keys.add(Key);
  }
}

function tooManyTags(id: string): Ec2Error {
  return new Ec2Error("TagLimitExceeded", `The maximum number of Tags for resource '${id}' has been reached`);
}

/**
 * The tags that TagSpecifications ask for on a resource of this kind. A specification for another kind than `allowed`, or a
 * tag that EC2 does not take, is an error: call it before anything is made, and `putTags` cannot fail on the new resource.
 */
export function specifiedTags(
  specifications: readonly TagSpecification[] | undefined,
  name: KindName,
  allowed: readonly KindName[] = [name],
): Tag[] {
  const allowedTypes: string[] = allowed.map((each) => kinds[each].tagType);
  const wrong = specifications?.find((each) => !allowedTypes.includes(each.ResourceType ?? ""));
  if (wrong) {
    throw new Ec2Error(
      "InvalidParameterValue",
      `'${wrong.ResourceType}' is not a valid taggable resource type for this operation.`,
    );
  }
  for (const { ResourceType, Tags } of specifications ?? []) {
    refuseBadTags(Tags ?? []);
    if ((Tags?.length ?? 0) > mostTags) throw tooManyTags(ResourceType ?? "");
  }
  return (specifications ?? [])
    .filter((each) => each.ResourceType === kinds[name].tagType)
    .flatMap((each) => each.Tags ?? []);
}

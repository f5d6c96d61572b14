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
  const merged = new Map(call.tables.tags.get(id));
  for (const { Key, Value } of tags) {
    if (!Key) throw new Ec2Error("MissingParameter", "The request must contain the parameter key");
    if (/^aws:/i.test(Key)) {
      throw new Ec2Error(
        "InvalidParameterValue",
        "Tag keys starting with 'aws:' are reserved for internal use",
      );
    }
    if (Key.length > 128)
      throw new Ec2Error("InvalidParameterValue", "Tag key exceeds the maximum length of 128 characters");
    if ((Value ?? "").length > 256) {
      throw new Ec2Error("InvalidParameterValue", "Tag value exceeds the maximum length of 256 characters");
    }
    merged.set(Key, Value ?? "");
  }
  if (merged.size > mostTags) {
    throw new Ec2Error(
      "TagLimitExceeded",
      `The maximum number of Tags for resource '${id}' has been reached`,
    );
  }
  if (merged.size > 0) call.tables.tags.set(id, merged);
}

/**
 * The tags that TagSpecifications ask for on a resource of this kind. A specification for another kind than `allowed` is
 * EC2's error, so call it before anything is made.
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
  return (specifications ?? [])
    .filter((each) => each.ResourceType === kinds[name].tagType)
    .flatMap((each) => each.Tags ?? []);
}

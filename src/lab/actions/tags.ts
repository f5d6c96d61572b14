import {
  CreateTags$,
  type CreateTagsRequest,
  DeleteTags$,
  type DeleteTagsRequest,
  DescribeTags$,
  type DescribeTagsRequest,
  type Filter,
  type TagDescription,
} from "@aws-sdk/client-ec2";
import { type Actions, type Call, changes, reads } from "../action.ts";
import { page, wildcard } from "../describe.ts";
import { Ec2Error } from "../error.ts";
import { find, type KindName, kinds } from "../kinds.ts";
import { putTags } from "../tags.ts";
import { isShown } from "../transition.ts";

const kindByPrefix = new Map(
  Object.entries(kinds).map(([name, { prefix }]) => [prefix as string, name as KindName]),
);

export const tagActions: Actions = {
  CreateTags: changes(CreateTags$, (input: CreateTagsRequest, call) => {
    const { tags } = call.tables;
    const ids = resourcesOf(call, input.Resources);
    const wanted = input.Tags ?? [];
    if (wanted.length === 0)
      throw new Ec2Error("MissingParameter", "The request must contain the parameter tagSet");
    const before = ids.map((id) => [id, tags.get(id)] as const);
    try {
      for (const id of ids) putTags(call, id, wanted);
    } catch (error) {
      // The limit may strike at the second resource; EC2 tags all of them or none.
      for (const [id, old] of before) {
        if (old) tags.set(id, old);
        else tags.delete(id);
      }
      throw error;
    }
  }),

  /** Without tags all go; a tag without a value goes whatever its value is. Tags that are not there are no error. */
  DeleteTags: changes(DeleteTags$, (input: DeleteTagsRequest, call) => {
    for (const id of resourcesOf(call, input.Resources)) {
      const kept = new Map(input.Tags?.length ? call.tables.tags.get(id) : []);
      for (const { Key = "", Value } of input.Tags ?? []) {
        if (Value === undefined || kept.get(Key) === Value) kept.delete(Key);
      }
      if (kept.size > 0) call.tables.tags.set(id, kept);
      else call.tables.tags.delete(id);
    }
  }),

  DescribeTags: reads(DescribeTags$, (input: DescribeTagsRequest, call) => {
    const tests = (input.Filters ?? []).map(testOf);
    const shown = [...call.tables.tags].filter(([id]) => isShown(call, id));
    const all = shown.flatMap(([id, tags]) =>
      [...tags].map(
        ([Key, Value]) => ({ Key, Value, ResourceId: id, ResourceType: typeOf(id) }) as TagDescription,
      ),
    );
    const wanted = all.filter((tag) => tests.every((test) => test(tag)));
    const { rows, nextToken } = page(wanted, input.MaxResults, input.NextToken);
    return { Tags: rows, NextToken: nextToken };
  }),
};

/** The ids, each of a kind that has tags and all there. Throws the kind's NotFound. */
function resourcesOf(call: Call, ids: readonly string[] | undefined): string[] {
  if (!ids?.length)
    throw new Ec2Error("MissingParameter", "The request must contain the parameter resourceIdSet");
  for (const id of ids) {
    const kind = kindByPrefix.get(id.slice(0, id.lastIndexOf("-")));
    if (!kind) throw new Ec2Error("InvalidID", `The ID '${id}' is not valid`);
    find(call, kind, id);
  }
  return [...new Set(ids)];
}

function typeOf(id: string): string | undefined {
  const kind = kindByPrefix.get(id.slice(0, id.lastIndexOf("-")));
  return kind && kinds[kind].tagType;
}

function testOf({ Name = "", Values = [] }: Filter): (tag: TagDescription) => boolean {
  const patterns = Values.map(wildcard);
  const matches = (value: string | undefined) => patterns.some((pattern) => pattern.test(value ?? ""));
  if (Name.startsWith("tag:")) return (tag) => `tag:${tag.Key}` === Name && matches(tag.Value);
  const fields = {
    key: "Key",
    value: "Value",
    "resource-id": "ResourceId",
    "resource-type": "ResourceType",
  } as const;
  const field = Object.hasOwn(fields, Name) ? fields[Name as keyof typeof fields] : undefined;
  if (!field) throw new Ec2Error("InvalidParameterValue", `The filter '${Name}' is invalid`);
  return (tag) => matches(tag[field]);
}

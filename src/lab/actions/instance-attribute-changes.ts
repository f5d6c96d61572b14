import type { _InstanceType, ModifyInstanceAttributeRequest } from "@aws-sdk/client-ec2";
import type { Call } from "../action.ts";
import { Ec2Error } from "../error.ts";
import type { InstanceRecord } from "../world.ts";
import { instanceTypeNamed } from "./instance-type-table.ts";
import { checkUserData } from "./launch-request.ts";
import { groupsFor, interfacesOf } from "./network-interface-rows.ts";
import { invalidValue } from "./parameters.ts";

function refuseUnlessStopped({ instance }: InstanceRecord): void {
  if (instance.State?.Name === "stopped") return;
  throw new Ec2Error(
    "IncorrectInstanceState",
    `The instance '${instance.InstanceId}' is not in the 'stopped' state.`,
  );
}

const flag = (value: unknown, name: string): boolean => {
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  throw invalidValue(String(value), name, "Expecting true or false.");
};

/** How ModifyInstanceAttribute sets each attribute. */
const writers: Readonly<Record<string, (call: Call, record: InstanceRecord, value: unknown) => void>> = {
  disableApiStop: (_, record, value) => {
    record.disableApiStop = flag(value, "disableApiStop");
  },
  disableApiTermination: (_, record, value) => {
    record.disableApiTermination = flag(value, "disableApiTermination");
  },
  ebsOptimized: (_, record, value) => {
    refuseUnlessStopped(record);
    record.instance.EbsOptimized = flag(value, "ebsOptimized");
  },
  groupSet: (call, record, value) => {
    const [primary] = onlyInterface(call, record, "groupSet");
    primary.Groups = groupsFor(call, primary, [value].flat().map(String));
  },
  instanceInitiatedShutdownBehavior: (_, record, value) => {
    if (value !== "stop" && value !== "terminate") {
      throw invalidValue(String(value), "instanceInitiatedShutdownBehavior", "Expecting stop or terminate.");
    }
    record.shutdownBehavior = value;
  },
  instanceType: (_, record, value) => {
    const type = instanceTypeNamed(String(value));
    if (!type) throw new Ec2Error("InvalidParameterValue", `Invalid value '${value}' for InstanceType.`);
    refuseUnlessStopped(record);
    record.instance.InstanceType = value as _InstanceType;
  },
  sourceDestCheck: (call, record, value) => {
    const [primary] = onlyInterface(call, record, "sourceDestCheck");
    primary.SourceDestCheck = flag(value, "sourceDestCheck");
  },
  userData: (_, record, value) => {
    refuseUnlessStopped(record);
    const text = value instanceof Uint8Array ? Buffer.from(value).toString("base64") : String(value);
    checkUserData(text);
    record.userData = text;
  },
};

/** What an instance with several interfaces has of each is set on the interface. */
function onlyInterface(call: Call, { instance }: InstanceRecord, attribute: string) {
  const [primary, ...more] = interfacesOf(call.tables, instance.InstanceId!);
  if (primary && more.length === 0) return [primary] as const;
  throw new Ec2Error(
    "InvalidInstanceID",
    `There are multiple interfaces attached to instance '${instance.InstanceId}'. Please specify an interface ID for the operation instead. (${attribute})`,
  );
}

/** The one attribute that a request sets: a member of its own, or spelled out by Attribute and Value. */
export function attributeChange(input: ModifyInstanceAttributeRequest): [name: string, value: unknown] {
  const members: [string, unknown][] = [
    ["disableApiStop", input.DisableApiStop?.Value],
    ["disableApiTermination", input.DisableApiTermination?.Value],
    ["ebsOptimized", input.EbsOptimized?.Value],
    ["groupSet", input.Groups?.length ? input.Groups : undefined],
    ["instanceInitiatedShutdownBehavior", input.InstanceInitiatedShutdownBehavior?.Value],
    ["instanceType", input.InstanceType?.Value],
    ["sourceDestCheck", input.SourceDestCheck?.Value],
    ["userData", input.UserData?.Value],
  ];
  if (input.Attribute !== undefined) members.push([input.Attribute, input.Value]);
  const given = members.filter(([, value]) => value !== undefined);
  const [first] = given;
  if (!first) throw new Ec2Error("InvalidParameterCombination", "No attributes specified.");
  if (given.length > 1) {
    throw new Ec2Error(
      "InvalidParameterCombination",
      `Fields for multiple attribute types specified: ${given.map(([name]) => name).join(", ")}`,
    );
  }
  return first;
}

/** Sets one attribute of an instance. Throws, before it changes anything, for an unknown one or a value it cannot have. */
export function setAttribute(call: Call, record: InstanceRecord, name: string, value: unknown): void {
  const write = Object.hasOwn(writers, name) ? writers[name] : undefined;
  if (!write) throw invalidValue(name, "attribute", "Unknown attribute.");
  write(call, record, value);
}

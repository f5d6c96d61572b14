import {
  CreateNetworkAclEntry$,
  type CreateNetworkAclEntryRequest,
  DeleteNetworkAclEntry$,
  type DeleteNetworkAclEntryRequest,
  type NetworkAcl,
  type NetworkAclEntry,
  ReplaceNetworkAclEntry$,
} from "@aws-sdk/client-ec2";
import { type Actions, changes } from "../action.ts";
import { Ec2Error } from "../error.ts";
import { find } from "../kinds.ts";
import { canonicalCidr } from "./cidr-parameter.ts";
import { protocolNumber } from "./ip-protocol.ts";

/** https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-nacls */
const mostEntries = 20;
const lastNumber = 32766;

/** The entry that the request describes, checked. */
function entryOf(input: CreateNetworkAclEntryRequest): NetworkAclEntry {
  const { RuleNumber, RuleAction, Egress, IcmpTypeCode, PortRange } = input;
  if (RuleNumber! < 1 || RuleNumber! > lastNumber) {
    throw new Ec2Error(
      "InvalidParameterValue",
      `Value (${RuleNumber}) for parameter ruleNumber is invalid. Expecting a value between 1 and ${lastNumber}.`,
    );
  }
  if (RuleAction !== "allow" && RuleAction !== "deny") {
    throw new Ec2Error(
      "InvalidParameterValue",
      `Value (${RuleAction}) for parameter ruleAction is invalid. Expecting allow or deny.`,
    );
  }
  if ((input.CidrBlock === undefined) === (input.Ipv6CidrBlock === undefined)) {
    throw input.CidrBlock === undefined
      ? new Ec2Error("MissingParameter", "The request must contain the parameter cidrBlock or ipv6CidrBlock")
      : new Ec2Error(
          "InvalidParameterCombination",
          "The parameter cidrBlock cannot be used with the parameter ipv6CidrBlock",
        );
  }
  const Protocol = protocolNumber(input.Protocol!);
  const entry: NetworkAclEntry = { RuleNumber, RuleAction, Egress, Protocol };
  if (input.CidrBlock !== undefined) entry.CidrBlock = canonicalCidr(input.CidrBlock, 4);
  if (input.Ipv6CidrBlock !== undefined) entry.Ipv6CidrBlock = canonicalCidr(input.Ipv6CidrBlock, 6);
  if (Protocol === "1" || Protocol === "58") {
    if (IcmpTypeCode?.Type === undefined || IcmpTypeCode.Code === undefined) {
      throw new Ec2Error("MissingParameter", "The request must contain the parameter icmpTypeCode");
    }
    entry.IcmpTypeCode = IcmpTypeCode;
  }
  if (Protocol === "6" || Protocol === "17") {
    if (PortRange?.From === undefined || PortRange.To === undefined) {
      throw new Ec2Error("MissingParameter", "The request must contain the parameter portRange");
    }
    if (PortRange.From < 0 || PortRange.To > 65535 || PortRange.From > PortRange.To) {
      throw new Ec2Error(
        "InvalidParameterValue",
        `Invalid TCP/UDP port range (${PortRange.From}:${PortRange.To})`,
      );
    }
    entry.PortRange = PortRange;
  }
  return entry;
}

const isAt =
  ({ RuleNumber, Egress }: Pick<NetworkAclEntry, "RuleNumber" | "Egress">) =>
  (entry: NetworkAclEntry) =>
    entry.RuleNumber === RuleNumber && entry.Egress === Egress;

/** Entries as EC2 lists them: egress first, each direction by rule number. */
function setEntries(acl: NetworkAcl, entries: NetworkAclEntry[]): void {
  acl.Entries = entries.sort(
    (a, b) => Number(b.Egress) - Number(a.Egress) || (a.RuleNumber ?? 0) - (b.RuleNumber ?? 0),
  );
}

function requireEntry(acl: NetworkAcl, at: Pick<NetworkAclEntry, "RuleNumber" | "Egress">): void {
  if (at.RuleNumber! > lastNumber || !acl.Entries?.some(isAt(at))) {
    throw new Ec2Error(
      "InvalidNetworkAclEntry.NotFound",
      `The network acl entry with rule number ${at.RuleNumber} (${at.Egress ? "egress" : "ingress"}) does not exist in network acl ${acl.NetworkAclId}`,
    );
  }
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html */
export const networkAclEntryActions: Actions = {
  CreateNetworkAclEntry: changes(CreateNetworkAclEntry$, (input: CreateNetworkAclEntryRequest, call) => {
    const acl = find(call, "networkAcl", input.NetworkAclId);
    const entry = entryOf(input);
    const entries = acl.Entries ?? [];
    if (entries.some(isAt(entry))) {
      throw new Ec2Error(
        "NetworkAclEntryAlreadyExists",
        `The network acl entry identified by ${entry.RuleNumber} already exists.`,
      );
    }
    const own = entries.filter((each) => each.Egress === entry.Egress && each.RuleNumber! <= lastNumber);
    if (own.length >= mostEntries) {
      throw new Ec2Error(
        "NetworkAclEntryLimitExceeded",
        "The maximum number of network acl entries has been reached.",
      );
    }
    setEntries(acl, [...entries, entry]);
    return {};
  }),

  ReplaceNetworkAclEntry: changes(ReplaceNetworkAclEntry$, (input: CreateNetworkAclEntryRequest, call) => {
    const acl = find(call, "networkAcl", input.NetworkAclId);
    const entry = entryOf(input);
    requireEntry(acl, entry);
    setEntries(acl, [...(acl.Entries ?? []).filter((each) => !isAt(entry)(each)), entry]);
    return {};
  }),

  DeleteNetworkAclEntry: changes(DeleteNetworkAclEntry$, (input: DeleteNetworkAclEntryRequest, call) => {
    const acl = find(call, "networkAcl", input.NetworkAclId);
    requireEntry(acl, { RuleNumber: input.RuleNumber, Egress: input.Egress });
    setEntries(
      acl,
      (acl.Entries ?? []).filter(
        (each) => !isAt({ RuleNumber: input.RuleNumber, Egress: input.Egress })(each),
      ),
    );
    return {};
  }),
};

import type { Values } from "../config.ts";
import { anyText, ipv4Block, matching, proxyUrl, regionName, stackName, webUrl, yesOrNo } from "./parse.ts";
import type { ListSetting, SwitchSetting, TextSetting } from "./setting.ts";

type SettingOf<Value> = [Value] extends [boolean]
  ? SwitchSetting
  : [Value] extends [readonly string[]]
    ? ListSetting
    : TextSetting<Value>;

export type SettingName = keyof Values;

/**
 * Everything that can be set, in the order of the help. Flags beat variables, variables beat `.env`. The commander
 * options, the reading of the environment, `.env.example` and the documentation's table all come from here.
 */
export const settings: { readonly [Name in SettingName]: SettingOf<Values[Name]> } = {
  profile: {
    kind: "text",
    flag: "--profile <name>",
    env: ["AWS_PROFILE"],
    help: "the profile of ~/.aws that has the credentials and the Region",
    example: "sandbox",
    otherwise: "the SDK's chain",
    default: undefined,
    parse: anyText,
  },
  region: {
    kind: "text",
    flag: "--region <region>",
    env: ["AWS_REGION", "AWS_DEFAULT_REGION"],
    help: "the AWS Region to work in",
    example: "eu-central-1",
    otherwise: "the profile's",
    default: undefined,
    parse: regionName,
  },
  state: {
    kind: "text",
    flag: "--state <file>",
    env: ["PEERCTL_STATE"],
    help: "the file that remembers what was made",
    example: "./peerctl.state.json",
    default: "peerctl.state.json",
    parse: anyText,
  },
  name: {
    kind: "text",
    flag: "--name <name>",
    env: ["PEERCTL_NAME"],
    help: "the stack's name, in tags and in the names of what is made",
    example: "peerctl",
    default: "peerctl",
    parse: stackName,
  },
  endpointUrl: {
    kind: "text",
    flag: "--endpoint-url <url>",
    env: ["PEERCTL_ENDPOINT_URL", "AWS_ENDPOINT_URL"],
    help: "another endpoint that speaks the EC2 API",
    example: "http://127.0.0.1:4566",
    otherwise: "AWS",
    default: undefined,
    parse: webUrl,
  },
  lab: {
    kind: "switch",
    flag: "--lab",
    env: ["PEERCTL_LAB"],
    help: "use the lab that comes with peerctl, without an AWS account",
    example: "1",
    default: false,
    parse: yesOrNo,
  },
  cidrs: {
    kind: "list",
    flag: "--cidr <name=cidr>",
    env: ["PEERCTL_CIDRS"],
    help: "a VPC's block, once for each VPC; CIDR alone is vpc-1's, the next one vpc-2's",
    example: "vpc-1=10.1.0.0/16,vpc-2=10.2.0.0/16",
    otherwise: "vpc-1=10.1.0.0/16, vpc-2=10.2.0.0/16",
    default: [],
    parse: anyText,
  },
  peerings: {
    kind: "list",
    flag: "--peering <a~b>",
    env: ["PEERCTL_PEERINGS"],
    help: "two VPCs to peer, a asking and b accepting, once for each pair",
    example: "vpc-1~vpc-2",
    otherwise: "every pair",
    default: [],
    parse: anyText,
  },
  sshFrom: {
    kind: "text",
    flag: "--ssh-from <cidr>",
    env: ["PEERCTL_SSH_FROM"],
    help: "the addresses that may reach port 22",
    example: "198.51.100.7/32",
    otherwise: "this machine's public address",
    default: undefined,
    parse: ipv4Block,
  },
  instanceType: {
    kind: "text",
    flag: "--instance-type <type>",
    env: ["PEERCTL_INSTANCE_TYPE"],
    help: "the instances' type",
    example: "t3.micro",
    otherwise: "the smallest free-tier type that the zone offers",
    default: undefined,
    parse: matching(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, "an instance type", "t3.micro"),
  },
  image: {
    kind: "text",
    flag: "--image <ami>",
    env: ["PEERCTL_IMAGE"],
    help: "the instances' image, as an id or as resolve:ssm:PARAMETER",
    example: "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
    otherwise: "the newest Amazon Linux 2023",
    default: undefined,
    parse: matching(/^(ami-[0-9a-f]{8,17}|resolve:ssm:\S+)$/, "an image", "ami-0123456789abcdef0"),
  },
  sshProxy: {
    kind: "text",
    env: ["PEERCTL_SSH_PROXY"],
    help: "the HTTP proxy that port 22 is reached through, by CONNECT",
    example: "http://proxy.example.com:3128",
    otherwise: "none",
    default: undefined,
    parse: proxyUrl,
  },
  callerIpUrl: {
    kind: "text",
    env: ["PEERCTL_CALLER_IP_URL"],
    help: "where to ask for this machine's public address",
    example: "https://checkip.amazonaws.com",
    default: "https://checkip.amazonaws.com",
    parse: webUrl,
  },
  json: {
    kind: "switch",
    flag: "--json",
    env: ["PEERCTL_JSON"],
    help: "print the result as one JSON document",
    example: "1",
    default: false,
    parse: yesOrNo,
  },
  yes: {
    kind: "switch",
    flag: "--yes",
    env: ["PEERCTL_YES"],
    help: "do not ask before making or deleting",
    example: "1",
    default: false,
    parse: yesOrNo,
  },
  verbose: {
    kind: "switch",
    flag: "--verbose",
    env: ["PEERCTL_VERBOSE"],
    help: "show each call, and the stack trace of an error",
    example: "1",
    default: false,
    parse: yesOrNo,
  },
  color: {
    kind: "switch",
    flag: "--no-color",
    env: ["PEERCTL_NO_COLOR", "NO_COLOR"],
    help: "no colours, also where the terminal has them",
    example: "1",
    otherwise: "colours on a terminal",
    default: true,
    // https://no-color.org: NO_COLOR counts whatever its text is.
    parse: (text, source) => source.name === "NO_COLOR" || yesOrNo(text, source),
  },
};

import { EC2Client } from "@aws-sdk/client-ec2";

/** What an instance needs that nothing here is about. */
export const image = {
  ImageId: "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
  InstanceType: "t3.micro",
  MinCount: 1,
  MaxCount: 1,
} as const;

// As in src/start.ts: on Node 20 the SDK would say in the midst of the table that it will need Node 22.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/** One that has the type. */
export const zone = "us-east-1a";

export function labClient(endpoint: string): EC2Client {
  const credentials = { accessKeyId: "123456789012", secretAccessKey: "lab" };
  return new EC2Client({ endpoint, region: "us-east-1", maxAttempts: 1, credentials });
}
